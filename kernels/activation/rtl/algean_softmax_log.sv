// algean_softmax's log_softmax: y = clamp(ZERO_Y + ((-distance * STEP - octave - mantissa + 2^15) >> 16)), the sum
// being 2^(20 + octave) * (1 + mantissa / 1024 + ...).
//
// Parameters: SUM_BITS of the sum, 21..53; STEP, ZERO_Y; LOGARITHMS 64 words for the octaves and 1024 for the
// mantissas, of 32 bits.
// `prepare` with `sum`: `prepared` 3 cycles later. `start` with `distance`: `done` with y 2 cycles later.
module algean_softmax_log #(
  parameter int unsigned SUM_BITS   = 31,
  parameter int          STEP       = 1,
  parameter int          ZERO_Y     = 0,
  parameter              LOGARITHMS = ""
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                prepare,
  input  logic [SUM_BITS-1:0] sum,
  output logic                prepared,
  input  logic                start,
  input  logic [7:0]          distance,
  output logic                done,
  output logic [7:0]          y
);

  if (SUM_BITS < 21 || SUM_BITS > 53) $error("algean_softmax_log: SUM_BITS must lie in 21..53");

  logic [31:0] image [1088];
  initial if (LOGARITHMS != "") $readmemh(LOGARITHMS, image);

  logic [5:0]          octave;
  logic [SUM_BITS-1:0] shifted;
  logic [10:0]         address;
  logic [31:0]         word_q, octave_q;
  logic [2:0]          walk_q;
  logic signed [33:0]  logarithm_q;
  logic signed [41:0]  product_q, sum_y, value;

  always_comb begin
    octave = '0;
    for (int unsigned i = 20; i < SUM_BITS; i++) if (sum[i]) octave = 6'(i - 20);
  end
  assign shifted = sum >> (octave + 6'd10);
  assign address = prepare ? 11'(octave) : 11'd64 + 11'(shifted[9:0]);
  assign sum_y   = -product_q - 42'(logarithm_q) + 42'sd32768;
  assign value   = (sum_y >>> 16) + 42'(ZERO_Y);

  always_ff @(posedge clk) begin
    word_q   <= image[address];
    octave_q <= word_q;
    walk_q   <= rst ? '0 : {walk_q[1:0], prepare};
    prepared <= !rst && walk_q[1];
    if (walk_q[1]) logarithm_q <= 34'(signed'(octave_q)) + 34'(signed'(word_q));
    product_q <= 42'(signed'({1'b0, distance})) * 42'(STEP);
    done      <= !rst && started_q;
    started_q <= !rst && start;
    if (started_q) y <= value < -42'sd128 ? 8'h80 : value > 42'sd127 ? 8'h7f : 8'(value);
  end

  logic started_q;
  logic unused;
  assign unused = &{1'b0, shifted, walk_q};

endmodule
