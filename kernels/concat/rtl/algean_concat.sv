// Two streams as one: BEATS_0 beats of the first, then BEATS_1 of the second, and so on. Along the last axis these
// are the beats of a row, whose LANES must then divide the first row; along another axis, those of all that lies
// behind it.
//
// Parameters: BITS of an element, LANES elements a beat, BEATS_0, BEATS_1 (each 1 or more).
// One beat a cycle, no latency; data passes without a register. `error`: lasts that disagree, or in the middle of a
// turn.
module algean_concat #(
  parameter int unsigned BITS    = 8,
  parameter int unsigned LANES   = 1,
  parameter int unsigned BEATS_0 = 1,
  parameter int unsigned BEATS_1 = 1
) (
  input  logic                    clk,
  input  logic                    rst,
  input  logic [2*BITS*LANES-1:0] s_data,
  input  logic [1:0]              s_last,
  input  logic [1:0]              s_mark,
  input  logic [1:0]              s_valid,
  output logic [1:0]              s_ready,
  output logic [BITS*LANES-1:0]   m_data,
  output logic                    m_last,
  output logic                    m_mark,
  output logic                    m_valid,
  input  logic                    m_ready,
  output logic                    error
);

  if (BITS < 1 || LANES < 1 || BEATS_0 < 1 || BEATS_1 < 1) $error("algean_concat: parameters must be at least 1");

  localparam int unsigned Most = BEATS_0 > BEATS_1 ? BEATS_0 : BEATS_1;
  localparam int unsigned IndexBits = Most > 1 ? $clog2(Most) : 1;

  logic                 side_q, at_end, last;
  logic [IndexBits-1:0] index_q;

  assign at_end = index_q == (side_q ? IndexBits'(BEATS_1 - 1) : IndexBits'(BEATS_0 - 1));

  algean_meet #(
    .INPUTS(2)
  ) u_meet (
    .clk, .rst, .s_last, .s_mark, .s_valid, .s_ready,
    .want   (side_q ? 2'b10 : 2'b01),
    .may_end(at_end),
    .m_last (last),
    .m_mark, .m_valid, .m_ready, .error
  );

  assign m_last = m_mark || (last && side_q && at_end);
  assign m_data = m_mark ? '0 : side_q ? s_data[BITS*LANES+:BITS*LANES] : s_data[0+:BITS*LANES];

  always_ff @(posedge clk) begin
    if (m_valid && m_ready) begin
      index_q <= at_end ? '0 : index_q + 1'b1;
      if (at_end) side_q <= !side_q;
    end
    if (rst || m_mark) begin
      index_q <= '0;
      side_q  <= 1'b0;
    end
  end

endmodule
