// One lane of the arithmetic `scaled` (kernels/numeric/scaled.hpp): from a sum to a code.
//
//   y = clamp(ZERO + (((acc + bias) * multiplier + 2^(s-1)) >> s), LOW, HIGH),  s = SHIFT_LOW + shift
//
// Legal: ACCUMULATOR_BITS 2..32, in which acc + bias is exact; 1 <= SHIFT_LOW <= SHIFT_HIGH <= 47, 0 <= shift <=
// SHIFT_HIGH - SHIFT_LOW; -2^(BITS-1) <= LOW <= HIGH < 2^(BITS-1), ZERO within BITS bits. A lane a cycle, latency 5. One
// DSP48E2 up to 27 accumulator bits.
module algean_requantise_scaled #(
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned BITS = 8,
  parameter int unsigned SHIFT_LOW = 1,
  parameter int unsigned SHIFT_HIGH = 47,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127
) (
  input logic clk,
  input logic [ACCUMULATOR_BITS-1:0] acc,
  input logic [ACCUMULATOR_BITS-1:0] bias,
  input logic [16:0] multiplier,
  input logic [5:0] shift,
  output logic [BITS-1:0] y
);
  localparam int unsigned PB = ACCUMULATOR_BITS + 18;
  localparam int unsigned SB = (SHIFT_HIGH > SHIFT_LOW) ? $clog2(SHIFT_HIGH - SHIFT_LOW + 1) : 1;

  if (ACCUMULATOR_BITS < 2 || ACCUMULATOR_BITS > 32)
    $error("algean_requantise_scaled: ACCUMULATOR_BITS must be 2..32");
  if (SHIFT_LOW < 1 || SHIFT_LOW > SHIFT_HIGH || SHIFT_HIGH > 47)
    $error("algean_requantise_scaled: shifts must be in 1..47, the lowest first");

  logic signed [ACCUMULATOR_BITS-1:0] sum;
  logic signed [17:0] factor;
  logic [SB-1:0] shift_sum, shift_product;
  logic signed [PB-1:0] product, halves;
  always_ff @(posedge clk) begin
    sum <= $signed(acc + bias);
    factor <= $signed({1'b0, multiplier});
    shift_sum <= shift[SB-1:0];
    product <= sum * factor;
    shift_product <= shift_sum;
    halves <= (product >>> (SHIFT_LOW - 1)) >>> shift_product;  // twice the quotient and its rounding bit
  end

  algean_requantise_finish #(
    .IN_BITS(PB), .BITS(BITS), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH)
  ) u_finish (
    .clk, .halves, .y
  );

  if (SB < 6) begin : gen_unused
    logic unused_shift;
    assign unused_shift = &{1'b0, shift[5:SB]};
  end
endmodule
