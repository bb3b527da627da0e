// Weights into algean_kernel: words of one AXI4-Stream to the loader that TDEST names. While `hold` is high, the last word of
// a load waits, and with it the change of banks, which follows a whole load at the next inference's begin.
//
// Parameters: LOADERS 1..; DEST_BITS 1..
// Words for no loader are dropped; `error` is high for a cycle at the last of them. Latency 0.
module algean_kernel_weights #(
    parameter int unsigned LOADERS   = 1,
    parameter int unsigned DEST_BITS = 8
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic                  hold,
    output logic                  waits,  // a last word stands here
    output logic                  error,
    input  logic [          31:0] w_axis_tdata,
    input  logic                  w_axis_tlast,
    input  logic [ DEST_BITS-1:0] w_axis_tdest,
    input  logic                  w_axis_tvalid,
    output logic                  w_axis_tready,
    output logic [32*LOADERS-1:0] w_data,
    output logic [   LOADERS-1:0] w_last,
    output logic [   LOADERS-1:0] w_valid,
    input  logic [   LOADERS-1:0] w_ready
);

  if (LOADERS < 1 || DEST_BITS < 1) $error("algean_kernel_weights: LOADERS and DEST_BITS are at least 1");

  logic [LOADERS-1:0] chosen;
  logic offered;  // to a loader, which has not taken it: stays, whatever `hold` says now

  for (genvar i = 0; i < LOADERS; i++) begin : gen_loader
    assign chosen[i] = w_axis_tdest == DEST_BITS'(i);
  end

  assign waits         = w_axis_tvalid && w_axis_tlast && hold && !offered && chosen != '0;
  assign w_data        = {LOADERS{w_axis_tdata}};
  assign w_last        = {LOADERS{w_axis_tlast}};
  assign w_valid       = chosen & {LOADERS{w_axis_tvalid && !waits}};
  assign w_axis_tready = !waits && (chosen == '0 || |(chosen & w_ready));
  assign error         = w_axis_tvalid && w_axis_tlast && chosen == '0;

  always_ff @(posedge clk) offered <= !rst && w_valid != '0 && !w_axis_tready;

endmodule
