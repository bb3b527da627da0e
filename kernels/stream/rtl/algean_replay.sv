// The words of an image over and over, one for each beat: constants that belong to a beat's place in a row or a
// tensor.
//
// Parameters: BITS of a word, PERIOD words (each 1 or more), IMAGE their file ($readmemh).
// `word` belongs to the next beat that passes. `step`: a beat passes. `restart`: the beat after it is the first
// again.
module algean_replay #(
  parameter int unsigned BITS   = 8,
  parameter int unsigned PERIOD = 1,
  parameter              IMAGE  = ""
) (
  input  logic            clk,
  input  logic            rst,
  input  logic            step,
  input  logic            restart,
  output logic            at_end,  // `word` is the period's last
  output logic [BITS-1:0] word
);

  localparam int unsigned IndexBits = PERIOD > 1 ? $clog2(PERIOD) : 1;

  if (BITS < 1 || PERIOD < 1) $error("algean_replay: BITS and PERIOD must be at least 1");

  logic [BITS-1:0] image [PERIOD];
  initial if (IMAGE != "") $readmemh(IMAGE, image);

  logic [IndexBits-1:0] index_q, index_d;

  assign at_end = index_q == IndexBits'(PERIOD - 1);

  always_comb begin
    index_d = index_q;
    if (step) index_d = restart || at_end ? '0 : index_q + 1'b1;
    if (rst) index_d = '0;
  end

  always_ff @(posedge clk) begin
    index_q <= index_d;
    word    <= image[index_d];
  end

endmodule
