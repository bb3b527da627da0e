// Zeroes what a beat must not carry: the lanes that a row's last beat leaves unused, and all lanes of a marker.
//
// Parameters: BITS of an element, LANES elements a beat, ELEMENTS of a row (each 1 or more).
// Combinational; counts the beats that pass (`step`: one does, `mark`: it is a marker) where LANES does not divide a
// row.
module algean_mask #(
  parameter int unsigned BITS     = 8,
  parameter int unsigned LANES    = 1,
  parameter int unsigned ELEMENTS = 1
) (
  input  logic                  clk,
  input  logic                  rst,
  input  logic                  step,
  input  logic                  mark,
  input  logic [BITS*LANES-1:0] data,
  output logic [BITS*LANES-1:0] masked
);

  localparam int unsigned Used = ELEMENTS % LANES;  // lanes of a row's last beat; 0: all

  if (BITS < 1 || LANES < 1 || ELEMENTS < 1) $error("algean_mask: BITS, LANES and ELEMENTS must be at least 1");

  if (Used == 0) begin : gen_whole
    assign masked = mark ? '0 : data;
    logic unused;
    assign unused = &{1'b0, clk, rst, step};
  end else begin : gen_tail
    localparam int unsigned Beats = (ELEMENTS + LANES - 1) / LANES;
    localparam int unsigned IndexBits = Beats > 1 ? $clog2(Beats) : 1;
    localparam logic [BITS*LANES-1:0] Tail = (BITS*LANES)'({BITS*Used{1'b1}});
    logic [IndexBits-1:0] index_q;
    logic                 at_end;
    assign at_end = index_q == IndexBits'(Beats - 1);
    assign masked = mark ? '0 : at_end ? data & Tail : data;
    always_ff @(posedge clk) begin
      if (step) index_q <= at_end || mark ? '0 : index_q + 1'b1;
      if (rst) index_q <= '0;
    end
  end

endmodule
