// The way in of algean_kernel: beats of one AXI4-Stream to the input that TDEST names, each tensor checked for its length.
//
// Parameters: BYTES 1.. (of a beat); INPUTS 1..; DEST_BITS 1..; of each input 32 bits, the first lowest: BEATS 1.. (of a
//             tensor), TAIL 1..BYTES (bytes of its last beat)
// Markers, to all inputs at once: a beat with TUSER, whatever else it holds, ends what has begun; `request`, and a tensor of
// another length (its beat is not passed on), do too, and the rest of what has begun is dropped up to its TLAST. A marker
// waits while `occupied` says that the one before is still in the kernel. A beat for no input is dropped.
// `error`: high for a cycle for a tensor of another length, and for each that goes to no input.
// Cycles: a beat a cycle; latency 0
module algean_kernel_router #(
    parameter int unsigned BYTES = 4,
    parameter int unsigned INPUTS = 1,
    parameter int unsigned DEST_BITS = 8,
    parameter logic [32*INPUTS-1:0] BEATS = {INPUTS{32'd2}},
    parameter logic [32*INPUTS-1:0] TAIL = {INPUTS{32'd4}}
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 request,
    input  logic                 occupied,
    output logic                 enters,  // a marker begins to enter: `occupied` from the next cycle on
    output logic                 error,
    input  logic [  8*BYTES-1:0] s_axis_tdata,
    input  logic [    BYTES-1:0] s_axis_tkeep,
    input  logic                 s_axis_tlast,
    input  logic [DEST_BITS-1:0] s_axis_tdest,
    input  logic                 s_axis_tuser,
    input  logic                 s_axis_tvalid,
    output logic                 s_axis_tready,
    output logic [  8*BYTES-1:0] m_data,  // of all inputs
    output logic                 m_last,
    output logic                 m_mark,
    output logic [   INPUTS-1:0] m_valid,
    input  logic [   INPUTS-1:0] m_ready
);

  if (BYTES < 1 || INPUTS < 1 || DEST_BITS < 1) $error("algean_kernel_router: BYTES, INPUTS and DEST_BITS are at least 1");

  logic [INPUTS-1:0] chosen, begun, dropping, at_end, keeps, marked;
  logic requested, waiting, marking, held;
  logic wrong, passes, offers, taken, consumes, all_marked;

  // Place in each input's tensor, and what its beat is to look like.
  for (genvar i = 0; i < INPUTS; i++) begin : gen_input
    localparam int unsigned COUNT_BITS = BEATS[32*i+:32] > 1 ? $clog2(BEATS[32*i+:32]) : 1;
    logic [COUNT_BITS-1:0] count;
    assign chosen[i] = s_axis_tdest == DEST_BITS'(i);
    assign begun[i]  = count != '0;
    assign at_end[i] = count == COUNT_BITS'(BEATS[32*i+:32] - 1);
    assign keeps[i]  = s_axis_tkeep == (at_end[i] ? {BYTES{1'b1}} >> (BYTES - TAIL[32*i+:32]) : {BYTES{1'b1}});
    always_ff @(posedge clk) begin
      if (taken && chosen[i]) count <= at_end[i] ? '0 : count + 1'b1;
      if (waiting) count <= '0;
      if (rst) count <= '0;
    end
  end

  // A beat of the bus is passed on, or consumed here. While a marker waits, neither.
  assign wrong    = |(chosen & ~dropping & (at_end ^ {INPUTS{s_axis_tlast}} | ~keeps));
  assign passes   = |(chosen & ~dropping) && !wrong && !s_axis_tuser;
  assign offers   = s_axis_tvalid && passes && !waiting && (!requested || held);
  assign taken    = offers && |(chosen & m_ready);
  assign consumes = s_axis_tvalid && !passes && !waiting && !requested;
  assign s_axis_tready = taken || consumes;
  assign error    = consumes && !s_axis_tuser && (wrong || (chosen == '0 && s_axis_tlast));

  assign m_data  = marking ? '0 : s_axis_tdata;
  assign m_last  = marking || s_axis_tlast;
  assign m_mark  = marking;
  assign m_valid = marking ? ~marked : chosen & {INPUTS{offers}};

  assign all_marked = marking && &(marked | m_ready);
  assign enters     = waiting && !marking && !occupied;

  always_ff @(posedge clk) begin
    held   <= offers && !taken;
    marked <= marking ? marked | m_ready : '0;
    if (request) requested <= 1'b1;
    // What brings a marker. `waiting` from then on, until it has entered.
    if (requested && !waiting && !offers) begin
      requested <= request;
      waiting   <= 1'b1;
      dropping  <= dropping | begun;
    end else if (consumes) begin
      if (s_axis_tuser) begin
        waiting  <= 1'b1;
        dropping <= '0;
      end else if (wrong) begin
        waiting  <= 1'b1;
        dropping <= (dropping | (begun & ~chosen)) | (chosen & {INPUTS{!s_axis_tlast}});
      end else if (s_axis_tlast) begin
        dropping <= dropping & ~chosen;
      end
    end
    if (enters) marking <= 1'b1;
    if (all_marked) begin
      marking <= 1'b0;
      waiting <= 1'b0;
    end
    if (rst) begin
      held      <= 1'b0;
      requested <= 1'b0;
      waiting   <= 1'b0;
      marking   <= 1'b0;
      dropping  <= '0;
    end
  end

endmodule
