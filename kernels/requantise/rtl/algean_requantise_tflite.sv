// One lane of the arithmetic `tflite` (kernels/numeric/tflite.hpp, mbqm): from a sum to a code.
//
//   y = clamp(ZERO + RDBPOT(SRDHM(saturate32((acc + bias) << max(s, 0)), multiplier), max(-s, 0)), LOW, HIGH)
//   s = SHIFT_LOW + shift
//
// Legal: ACCUMULATOR_BITS 2..32, in which acc + bias is exact; -31 <= SHIFT_LOW <= SHIFT_HIGH <= 30, 0 <= shift <=
// SHIFT_HIGH - SHIFT_LOW; codes as in algean_requantise_finish. A lane a cycle, latency 7. The product takes four
// DSP48E2, or two where no shift is above 0 and the accumulator has at most 27 bits.
//
// SRDHM(a, b) = (a * b + 2^30) >> 31 for every b >= 0: the truncating division of its definition takes up what the
// nudge 1 - 2^30 of negative products leaves out, and nothing saturates.
module algean_requantise_tflite #(
  parameter int unsigned ACCUMULATOR_BITS = 32,
  parameter int unsigned BITS = 8,
  parameter int signed SHIFT_LOW = -31,
  parameter int signed SHIFT_HIGH = 30,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127
) (
  input logic clk,
  input logic [ACCUMULATOR_BITS-1:0] acc,
  input logic [ACCUMULATOR_BITS-1:0] bias,
  input logic [30:0] multiplier,
  input logic [5:0] shift,
  output logic [BITS-1:0] y
);
  localparam int unsigned FB = (SHIFT_HIGH > 0) ? 32 : ACCUMULATOR_BITS;  // of the factor
  localparam int unsigned PB = FB + 32;
  localparam int unsigned SB = $clog2(SHIFT_HIGH - SHIFT_LOW + 1);  // bits of `shift` that count

  if (ACCUMULATOR_BITS < 2 || ACCUMULATOR_BITS > 32)
    $error("algean_requantise_tflite: ACCUMULATOR_BITS must be 2..32");
  if (SHIFT_LOW < -31 || SHIFT_LOW > SHIFT_HIGH || SHIFT_HIGH > 30)
    $error("algean_requantise_tflite: shifts must be in -31..30, the lowest first");

  // The sum, then what is left of its shift.
  logic signed [ACCUMULATOR_BITS-1:0] sum;
  logic signed [FB-1:0] shifted;
  logic [30:0] multiplier_sum, multiplier_shifted;
  logic signed [6:0] shift_sum, shift_shifted, shift_product, shift_high;
  always_ff @(posedge clk) begin
    sum <= $signed(acc + bias);
    multiplier_sum <= multiplier;
    shift_sum <= 7'(SHIFT_LOW) + $signed({1'b0, shift & 6'((1 << SB) - 1)});
    multiplier_shifted <= multiplier_sum;
    shift_shifted <= shift_sum;
    shift_product <= shift_shifted;
    shift_high <= shift_product;
  end
  if (SHIFT_HIGH > 0) begin : gen_left
    localparam int unsigned WB = ACCUMULATOR_BITS + SHIFT_HIGH + 32;
    logic [4:0] left;
    logic signed [WB-1:0] wide;
    logic fits;
    assign left = shift_sum[6] ? 5'd0 : shift_sum[4:0];
    assign wide = WB'(sum) <<< left;
    assign fits = &wide[WB-1:31] || !(|wide[WB-1:31]);
    always_ff @(posedge clk) shifted <= fits ? wide[31:0] : {wide[WB-1], {31{!wide[WB-1]}}};
  end else begin : gen_right
    always_ff @(posedge clk) shifted <= sum;
  end

  // SRDHM, then RDBPOT: away from zero, so that a negative number that is shifted at all begins one lower.
  logic signed [PB-1:0] product;
  logic signed [FB+17:0] product_low, product_high;  // 17 bits of the multiplier each
  logic signed [34:0] high_wide;
  logic signed [31:0] high;
  logic signed [32:0] doubled, halves;
  logic [4:0] right;  // one less than what is shifted
  assign product = PB'(product_low) + (PB'(product_high) <<< 17);
  assign high_wide = 35'($signed(product[PB-1:30])) + 35'sd1;
  always_comb begin
    right = shift_high[6] ? ~shift_high[4:0] : 5'd0;
    doubled = shift_high[6] ? 33'(high) - 33'(high[31]) : {high, 1'b0};
  end
  always_ff @(posedge clk) begin
    product_low <= shifted * $signed({1'b0, multiplier_shifted[16:0]});
    product_high <= shifted * $signed({4'd0, multiplier_shifted[30:17]});
    high <= high_wide[32:1];
    halves <= doubled >>> right;
  end

  algean_requantise_finish #(
    .IN_BITS(33), .BITS(BITS), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH)
  ) u_finish (
    .clk, .halves, .y
  );

  logic unused_bits;
  assign unused_bits = &{1'b0, shift_high[5], product[29:0], high_wide[34:33], high_wide[0]};
endmodule
