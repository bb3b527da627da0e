// One stream as two: BEATS_0 beats to the first, then BEATS_1 to the second, and so on, ROUNDS times a tensor (the
// inverse of algean_concat).
//
// The tensor's last beat of the first output is kept until the input's last beat is there, so that a marker that
// comes before that leaves no output whole.
//
// Parameters: BITS of an element, LANES elements a beat, BEATS_0, BEATS_1, ROUNDS (each 1 or more).
// One beat a cycle, no latency; data passes without a register. A marker leaves on both outputs, each at its own
// time.
module algean_split #(
  parameter int unsigned BITS    = 8,
  parameter int unsigned LANES   = 1,
  parameter int unsigned BEATS_0 = 1,
  parameter int unsigned BEATS_1 = 1,
  parameter int unsigned ROUNDS  = 1
) (
  input  logic                    clk,
  input  logic                    rst,
  input  logic [BITS*LANES-1:0]   s_data,
  input  logic                    s_last,
  input  logic                    s_mark,
  input  logic                    s_valid,
  output logic                    s_ready,
  output logic [2*BITS*LANES-1:0] m_data,
  output logic [1:0]              m_last,
  output logic [1:0]              m_mark,
  output logic [1:0]              m_valid,
  input  logic [1:0]              m_ready
);

  if (BITS < 1 || LANES < 1 || BEATS_0 < 1 || BEATS_1 < 1) $error("algean_split: parameters must be at least 1");
  if (ROUNDS < 1) $error("algean_split: ROUNDS must be at least 1");

  localparam int unsigned Most = BEATS_0 > BEATS_1 ? BEATS_0 : BEATS_1;
  localparam int unsigned IndexBits = Most > 1 ? $clog2(Most) : 1;
  localparam int unsigned RoundBits = ROUNDS > 1 ? $clog2(ROUNDS) : 1;

  logic                 side_q, at_end, final_round;
  logic [IndexBits-1:0] index_q;
  logic [RoundBits-1:0] round_q;
  logic [1:0]           marked_q, marks_left;  // outputs that have had the marker at hand, and those that get it now
  logic                 keeps, is_kept_q, is_due_q, drops, due;
  logic [BITS*LANES-1:0] kept_q;

  assign at_end      = index_q == (side_q ? IndexBits'(BEATS_1 - 1) : IndexBits'(BEATS_0 - 1));
  assign final_round = round_q == RoundBits'(ROUNDS - 1);
  assign keeps       = final_round && at_end && !side_q && !s_mark;
  assign drops       = s_valid && s_mark && !is_due_q;
  assign due         = is_kept_q && !drops && (is_due_q || (s_valid && s_last));
  assign marks_left  = ~(marked_q | (m_ready & m_valid & {1'b1, !due}));

  assign m_data  = {s_mark ? '0 : s_data, due ? kept_q : s_mark ? '0 : s_data};
  assign m_mark  = {s_mark, s_mark && !due};
  assign m_last  = {s_mark || (final_round && at_end), s_mark || due};
  assign m_valid = {s_valid && (s_mark ? !marked_q[1] : side_q),
                    due || (s_valid && (s_mark ? !marked_q[0] : !side_q && !keeps && !is_kept_q))};
  assign s_ready = s_mark ? marks_left == '0 : side_q ? m_ready[1] : !is_kept_q && (keeps || m_ready[0]);

  always_ff @(posedge clk) begin
    if (s_valid && s_ready) begin
      index_q <= at_end ? '0 : index_q + 1'b1;
      if (at_end) side_q <= !side_q;
      if (at_end && side_q) round_q <= final_round ? '0 : round_q + 1'b1;
    end
    if (s_valid && s_ready && keeps) begin
      is_kept_q <= 1'b1;
      is_due_q  <= 1'b0;
      kept_q    <= s_data;
    end else if (drops || (due && m_ready[0])) begin
      is_kept_q <= 1'b0;
      is_due_q  <= 1'b0;
    end else begin
      is_due_q <= due;
    end
    if (s_valid && s_mark) marked_q <= s_ready ? '0 : ~marks_left;
    if (rst || (s_valid && s_mark)) begin
      index_q <= '0;
      side_q  <= 1'b0;
      round_q <= '0;
    end
    if (rst) begin
      marked_q  <= '0;
      is_kept_q <= 1'b0;
      is_due_q  <= 1'b0;
    end
  end

endmodule
