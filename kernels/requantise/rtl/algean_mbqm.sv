// TensorFlow Lite's MultiplyByQuantizedMultiplier of one number a cycle, rounded twice (kernels/numeric/tflite.hpp):
//     y = RDBPOT(SRDHM(saturate(x << max(shift, 0)), multiplier), max(-shift, 0))
//
// Parameters: X_BITS of x, 2..32, two's complement.
// `multiplier`: 0..2^31 - 1; `shift`: -31..30; both are taken with x.
// One number each cycle that `enable` is high; five such cycles from x to y.
module algean_mbqm #(
  parameter int unsigned X_BITS = 32
) (
  input  logic                     clk,
  input  logic                     enable,
  input  logic signed [X_BITS-1:0] x,
  input  logic        [30:0]       multiplier,
  input  logic signed [7:0]        shift,
  output logic signed [31:0]       y
);

  if (X_BITS < 2 || X_BITS > 32) $error("algean_mbqm: X_BITS must lie in 2..32");

  localparam int unsigned WideBits = X_BITS + 30;

  logic signed [WideBits-1:0] wide;
  logic        [4:0]          left;
  logic                       fits;
  logic signed [31:0]         shifted_q;
  logic        [30:0]         multiplier_q;
  logic signed [63:0]         product_q, settled_q;
  logic signed [31:0]         high_q;
  logic        [4:0]          right, right_1_q, right_2_q, right_3_q, right_4_q;
  logic signed [32:0]         nudge, nudged;

  assign left = shift > 0 ? shift[4:0] : 5'd0;
  assign right = shift < 0 ? 5'(-shift) : 5'd0;
  assign wide = WideBits'(x) <<< left;

  if (WideBits > 32) begin : gen_saturate
    assign fits = wide[WideBits-1:31] == {(WideBits - 31) {wide[WideBits-1]}};
    always_ff @(posedge clk) begin
      if (enable) shifted_q <= fits ? wide[31:0] : {wide[WideBits-1], {31{~wide[WideBits-1]}}};
    end
  end else begin : gen_fits
    assign fits = 1'b1;
    always_ff @(posedge clk) if (enable) shifted_q <= 32'(wide);
    logic unused;
    assign unused = fits;
  end

  // RDBPOT: halves away from zero.
  assign nudge  = right_4_q == 0 ? 33'sd0 : (33'sd1 <<< (right_4_q - 5'd1)) - (high_q < 0 ? 33'sd1 : 33'sd0);
  assign nudged = 33'(high_q) + nudge;

  // SRDHM is halves up, since a multiplier is never negative: (product + 2^30) >> 31.
  logic signed [63:0] rounded;
  assign rounded = settled_q + 64'sd1073741824;

  always_ff @(posedge clk) begin
    if (enable) begin
      multiplier_q <= multiplier;
      right_1_q    <= right;
      product_q    <= 64'(shifted_q) * 64'(signed'({1'b0, multiplier_q}));
      right_2_q    <= right_1_q;
      settled_q    <= product_q;
      right_3_q    <= right_2_q;
      high_q       <= 32'(rounded >>> 31);
      right_4_q    <= right_3_q;
      y            <= 32'(nudged >>> right_4_q);
    end
  end

  logic unused_bits;
  assign unused_bits = &{1'b0, rounded[63], rounded[30:0]};

endmodule
