// One lane of algean_reduce: what COUNT numbers of each of BLOCKS places add up to.
//
// Parameters: KIND 0 sum, 1 largest, 2 smallest, 3 index of the first largest; BLOCKS places, 1 or more; TOTAL_BITS
// of a total, X_BITS..64; INITIAL of a sum.
// `step`: x is the code of place `block`, the first of its COUNT where `first`, its `round` being counted from 0. One
// each cycle; `total`, combinational, has all codes of the place so far, and this one.
module algean_reduce_lane #(
  parameter int unsigned KIND       = 0,
  parameter int unsigned BLOCKS     = 1,
  parameter int unsigned X_BITS     = 8,
  parameter int unsigned TOTAL_BITS = 32,
  parameter int          INITIAL    = 0,
  localparam int unsigned BlockBits = BLOCKS > 1 ? $clog2(BLOCKS) : 1
) (
  input  logic                         clk,
  input  logic                         step,
  input  logic                         first,
  input  logic        [BlockBits-1:0]  block,
  input  logic        [31:0]           round,
  input  logic signed [X_BITS-1:0]     x,
  output logic signed [TOTAL_BITS-1:0] total
);

  if (KIND > 3) $error("algean_reduce_lane: KIND must lie in 0..3");
  if (TOTAL_BITS < X_BITS || TOTAL_BITS > 64) $error("algean_reduce_lane: TOTAL_BITS must lie in X_BITS..64");

  logic signed [TOTAL_BITS-1:0] totals [BLOCKS];
  logic signed [TOTAL_BITS-1:0] earlier, wide;
  logic                         takes_x;

  assign earlier = totals[block];
  assign wide   = TOTAL_BITS'(x);
  always_ff @(posedge clk) if (step) totals[block] <= total;

  if (KIND == 0) begin : gen_sum
    assign takes_x = 1'b0;
    assign total   = (first ? TOTAL_BITS'(INITIAL) : earlier) + wide;
  end else if (KIND == 1) begin : gen_largest
    assign takes_x = first || wide > earlier;
    assign total   = takes_x ? wide : earlier;
  end else if (KIND == 2) begin : gen_smallest
    assign takes_x = first || wide < earlier;
    assign total   = takes_x ? wide : earlier;
  end else begin : gen_index
    logic signed [X_BITS-1:0] bests [BLOCKS];
    logic signed [X_BITS-1:0] best;
    assign best    = bests[block];
    assign takes_x = first || x > best;
    assign total   = takes_x ? TOTAL_BITS'(round) : earlier;
    always_ff @(posedge clk) if (step && takes_x) bests[block] <= x;
  end

  logic unused;
  assign unused = &{1'b0, takes_x, round, wide, earlier};

endmodule
