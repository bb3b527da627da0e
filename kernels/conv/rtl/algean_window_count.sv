// Counts rows or columns of an image for algean_window, and says which of them some window meets.
//
// Place i, 0..COUNT-1, is kept where (i + PHASE) mod STRIDE < REACH: PHASE is the padding before the image, REACH that
// of the kernel. Legal: COUNT, STRIDE, REACH >= 1. `wrap`: this is the last place; both outputs are of the place that
// `step` leaves.
module algean_window_count #(
  parameter int unsigned COUNT = 1,
  parameter int unsigned STRIDE = 1,
  parameter int unsigned PHASE = 0,
  parameter int unsigned REACH = 1,
  localparam int unsigned CB = (COUNT > 1) ? $clog2(COUNT) : 1,
  localparam int unsigned PB = (STRIDE > 1) ? $clog2(STRIDE) : 1
) (
  input logic clk,
  input logic clear,
  input logic step,
  output logic wrap,
  output logic is_kept
);
  if (COUNT < 1 || STRIDE < 1 || REACH < 1) $error("algean_window_count: parameters must be at least 1");
  logic [CB-1:0] place;
  assign wrap = place == CB'(COUNT - 1);
  always_ff @(posedge clk) begin
    if (clear) place <= '0;
    else if (step) place <= wrap ? '0 : place + 1'b1;
  end
  if (REACH >= STRIDE) begin : gen_all
    assign is_kept = 1'b1;
  end else begin : gen_some
    logic [PB-1:0] phase;
    assign is_kept = phase < PB'(REACH);
    always_ff @(posedge clk) begin
      if (clear) phase <= PB'(PHASE % STRIDE);
      else if (step) phase <= wrap ? PB'(PHASE % STRIDE) : (phase == PB'(STRIDE - 1)) ? '0 : phase + 1'b1;
    end
  end
endmodule
