// Control of a module that makes one stream of several: which beats are taken together, what happens where the sides
// disagree, and their markers. Data does not pass here: while m_valid is high without m_mark, the heads of the wanted
// sides are one beat's parts.
//
// Parameters: INPUTS sides, 1 or more.
// `want`: the sides that the next beat is made of, at least one. `may_end`: that beat may be its tensors' last; a
// tensor's last beat is the last for every side, side 0 (always among the first to be wanted) deciding.
// A marker on a wanted side: all sides are drained up to theirs, then one marker leaves. A last beat that is not
// every side's, or comes where may_end is low: `error` for a cycle, all sides are drained to their last, and a marker
// leaves.
// One beat a cycle, no latency; a marker takes three cycles or more.
module algean_meet #(
  parameter int unsigned INPUTS = 2
) (
  input  logic              clk,
  input  logic              rst,
  input  logic [INPUTS-1:0] s_last,
  input  logic [INPUTS-1:0] s_mark,
  input  logic [INPUTS-1:0] s_valid,
  output logic [INPUTS-1:0] s_ready,
  input  logic [INPUTS-1:0] want,
  input  logic              may_end,
  output logic              m_last,
  output logic              m_mark,
  output logic              m_valid,
  input  logic              m_ready,
  output logic              error
);

  if (INPUTS < 1) $error("algean_meet: INPUTS must be at least 1");

  localparam logic [1:0] Flow = 2'd0, DrainLast = 2'd1, DrainMark = 2'd2, Emit = 2'd3;

  logic [1:0]        state_q, state_d;
  logic [INPUTS-1:0] done_q, done_d;  // Flow: this inference's last beat is taken; draining: nothing more is
  logic [INPUTS-1:0] heads, marks;    // beats and markers at hand
  logic              is_marked, is_present, is_last, is_agreed;

  assign heads      = s_valid & ~s_mark;
  assign marks      = s_valid & s_mark;
  assign is_marked  = |(want & marks);
  assign is_present = &(heads | ~want);
  assign is_last    = want[0] ? s_last[0] : |done_q;
  assign is_agreed  = ((s_last ^ {INPUTS{is_last && may_end}}) & want) == '0;

  assign m_mark  = state_q == Emit;
  assign m_last  = m_mark || is_last;
  assign m_valid = m_mark || (state_q == Flow && is_present && is_agreed);

  always_comb begin
    state_d = state_q;
    done_d  = done_q;
    s_ready = '0;
    case (state_q)
      Flow: begin
        if (m_valid && m_ready) begin
          s_ready = want;
          done_d  = done_q | (want & s_last);
          if (&done_d) done_d = '0;
        end
        if (is_marked) begin
          state_d = DrainMark;
          done_d  = '0;
        end else if (is_present && !is_agreed) begin
          state_d = DrainLast;
        end
      end
      DrainLast: begin
        s_ready = heads & ~done_q;
        done_d  = done_q | (heads & s_last);
        if (&done_q) begin
          state_d = Emit;
        end else if (|(marks & ~done_q)) begin
          state_d = DrainMark;
          done_d  = '0;
        end
      end
      DrainMark: begin
        s_ready = s_valid & ~done_q;
        done_d  = done_q | marks;
        if (&done_q) state_d = Emit;
      end
      default: begin
        if (m_ready) begin
          state_d = Flow;
          done_d  = '0;
        end
      end
    endcase
  end

  always_ff @(posedge clk) begin
    state_q <= rst ? Flow : state_d;
    done_q  <= rst ? '0 : done_d;
    error   <= !rst && state_q == Flow && state_d == DrainLast;
  end

endmodule
