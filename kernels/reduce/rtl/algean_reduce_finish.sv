// From one lane's total to its output, by the rule FINISH; `word` {half[23:0], shift[7:0], multiplier[31:0]} has its
// numbers.
//
//     0 none             clamp(total)
//     1 scaled           clamp(ZERO_Y + ((total * multiplier + 2^(shift-1)) >> shift))   (kernels/numeric/scaled.hpp)
//     2 tflite           clamp(ZERO_Y + MBQM(total, multiplier, shift))         (kernels/numeric/tflite.hpp)
//     3 half away        clamp(total / n), halves away from zero: half = n / 2, multiplier / 2^shift = 1 / n, exact
//                        enough
//     4 half up          clamp(floor(total / n + 1/2)): half = 128 * n + n / 2, so that the dividend is never negative
//
// Parameters: FINISH 0..4; TOTAL_BITS of the total, 8..32, two's complement; ZERO_Y, LOW and HIGH codes.
// One total each cycle that `enable` is high. Latency: algean_reduce's Stages.
module algean_reduce_finish #(
  parameter int unsigned FINISH     = 0,
  parameter int unsigned TOTAL_BITS = 32,
  parameter int          ZERO_Y     = 0,
  parameter int          LOW        = -128,
  parameter int          HIGH       = 127
) (
  input  logic                         clk,
  input  logic                         enable,
  input  logic signed [TOTAL_BITS-1:0] total,
  input  logic        [63:0]           word,
  output logic signed [7:0]            y
);

  if (FINISH > 4) $error("algean_reduce_finish: FINISH must lie in 0..4");
  if (TOTAL_BITS < 8 || TOTAL_BITS > 32) $error("algean_reduce_finish: TOTAL_BITS must lie in 8..32");

  logic signed [49:0] value, moved;  // before and after ZERO_Y

  if (FINISH == 0) begin : gen_none
    assign value = 50'(total);
  end else if (FINISH == 1) begin : gen_scaled
    localparam int unsigned ProductBits = TOTAL_BITS + 18;
    logic signed [ProductBits-1:0] product_q;
    logic signed [49:0]            half, sum;
    logic        [5:0]             shift_q;
    always_ff @(posedge clk) begin
      if (enable) begin
        product_q <= ProductBits'(total) * ProductBits'(signed'({1'b0, word[16:0]}));
        shift_q   <= word[37:32];
      end
    end
    assign half  = 50'sd1 <<< (shift_q - 6'd1);
    assign sum   = 50'(product_q) + half;
    assign value = sum >>> shift_q;
  end else if (FINISH == 2) begin : gen_tflite
    logic signed [31:0] rescaled;
    algean_mbqm #(
      .X_BITS(TOTAL_BITS)
    ) u_mbqm (
      .clk,
      .enable,
      .x         (total),
      .multiplier(word[30:0]),
      .shift     (word[39:32]),
      .y         (rescaled)
    );
    assign value = 50'(rescaled);
  end else begin : gen_quotient
    localparam int unsigned ProductBits = TOTAL_BITS + 32;
    logic                   negative_1_q, negative_2_q;
    logic [TOTAL_BITS-1:0]  dividend_q;
    logic [31:0]            multiplier_q;
    logic [7:0]             shift_1_q, shift_2_q;
    logic [ProductBits-1:0] product_q, shifted;
    logic [49:0]            quotient;
    always_ff @(posedge clk) begin
      if (enable) begin
        negative_1_q <= FINISH == 3 && total < 0;
        dividend_q   <= (FINISH == 3 && total < 0 ? -total : total) + TOTAL_BITS'(word[63:40]);
        multiplier_q <= word[31:0];
        shift_1_q    <= word[39:32];
        product_q    <= ProductBits'(dividend_q) * ProductBits'(multiplier_q);
        shift_2_q    <= shift_1_q;
        negative_2_q <= negative_1_q;
      end
    end
    assign shifted  = product_q >> shift_2_q;
    assign quotient = 50'(shifted);
    assign value    = FINISH == 4 ? signed'(quotient) - 50'sd128 : negative_2_q ? -signed'(quotient) : signed'(quotient);
  end

  assign moved = value + 50'(ZERO_Y);
  always_ff @(posedge clk) begin
    if (enable) y <= moved < 50'(LOW) ? 8'(LOW) : moved > 50'(HIGH) ? 8'(HIGH) : 8'(moved);
  end

  logic unused;
  assign unused = &{1'b0, word, moved};

endmodule
