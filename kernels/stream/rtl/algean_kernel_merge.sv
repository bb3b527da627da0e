// The way out of algean_kernel: several streams of bytes to one AXI4-Stream, beat by beat in turns, each with its own TDEST and
// TID. (Tensor by tensor would stand still where the circuit gives two outputs side by side.)
//
// Parameters: BYTES 1.. (of a beat); OUTPUTS 1..; DEST_BITS 1..16, ID_BITS 1..16; of each output 32 bits, the first lowest:
//             TAIL 1..BYTES (bytes of a tensor's last beat)
// route: of each output 32 bits: TDEST in the lower half, TID in the upper one. To change only while nothing is under way.
// Cycles:     a beat a cycle; latency 0
module algean_kernel_merge #(
    parameter int unsigned BYTES = 4,
    parameter int unsigned OUTPUTS = 1,
    parameter int unsigned DEST_BITS = 8,
    parameter int unsigned ID_BITS = 8,
    parameter logic [32*OUTPUTS-1:0] TAIL = {OUTPUTS{32'd4}}
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic [     32*OUTPUTS-1:0] route,
    input  logic [8*BYTES*OUTPUTS-1:0] s_data,
    input  logic [        OUTPUTS-1:0] s_last,
    input  logic [        OUTPUTS-1:0] s_mark,
    input  logic [        OUTPUTS-1:0] s_valid,
    output logic [        OUTPUTS-1:0] s_ready,
    output logic [        8*BYTES-1:0] m_axis_tdata,
    output logic [          BYTES-1:0] m_axis_tkeep,
    output logic                       m_axis_tlast,
    output logic [      DEST_BITS-1:0] m_axis_tdest,
    output logic [        ID_BITS-1:0] m_axis_tid,
    output logic                       m_axis_tuser,
    output logic                       m_axis_tvalid,
    input  logic                       m_axis_tready
);

  if (BYTES < 1 || OUTPUTS < 1 || DEST_BITS < 1 || DEST_BITS > 16 || ID_BITS < 1 || ID_BITS > 16)
    $error("algean_kernel_merge: BYTES and OUTPUTS are at least 1, DEST_BITS and ID_BITS 1 to 16");

  // One bit an output: whose beat waits, whose turn is next, and who speaks in this cycle.
  logic [OUTPUTS-1:0] owner, after, speaks, first_after, first_of_all;

  // The lowest of those at or above the turn, else the lowest of all.
  assign first_after  = (s_valid & after) & (~(s_valid & after) + 1'b1);
  assign first_of_all = s_valid & (~s_valid + 1'b1);
  assign speaks       = owner != '0 ? owner : (s_valid & after) != '0 ? first_after : first_of_all;
  assign s_ready      = speaks & {OUTPUTS{m_axis_tready}};

  always_comb begin
    m_axis_tdata  = '0;
    m_axis_tkeep  = {BYTES{1'b1}};
    m_axis_tlast  = 1'b0;
    m_axis_tdest  = '0;
    m_axis_tid    = '0;
    m_axis_tuser  = 1'b0;
    m_axis_tvalid = 1'b0;
    for (int unsigned i = 0; i < OUTPUTS; i++) begin
      if (speaks[i]) begin
        m_axis_tdata = s_data[8*BYTES*i+:8*BYTES];
        if (s_last[i] && !s_mark[i]) m_axis_tkeep = {BYTES{1'b1}} >> (BYTES - TAIL[32*i+:32]);
        m_axis_tlast  = s_last[i];
        m_axis_tdest  = route[32*i+:DEST_BITS];
        m_axis_tid    = route[32*i+16+:ID_BITS];
        m_axis_tuser  = s_mark[i];
        m_axis_tvalid = s_valid[i];
      end
    end
  end

  always_ff @(posedge clk) begin
    if (m_axis_tvalid) owner <= m_axis_tready ? '0 : speaks;
    // Next, those above the one that speaks: -x has ones from x's bit on.
    if (m_axis_tvalid) after <= (~speaks + 1'b1) & ~speaks;
    if (rst) begin
      owner <= '0;
      after <= '0;
    end
  end

  logic unused;
  assign unused = &{1'b0, route};

endmodule
