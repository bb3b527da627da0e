// Control of a pipeline that moves as one: valid, last and mark of STAGES registers, which all move when the last of
// them is empty or taken. The data path that belongs to it has STAGES registers, each with `enable`.
//
// Parameters: STAGES 1 or more.
// One beat a cycle; a beat leaves STAGES cycles after it was taken. Ready passes through without a register.
module algean_pipe #(
  parameter int unsigned STAGES = 1
) (
  input  logic clk,
  input  logic rst,
  input  logic s_last,
  input  logic s_mark,
  input  logic s_valid,
  output logic s_ready,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input  logic m_ready,
  output logic enable
);

  if (STAGES < 1) $error("algean_pipe: STAGES must be at least 1");

  logic [STAGES-1:0] last_q, mark_q, valid_q;

  assign m_last  = last_q[STAGES-1];
  assign m_mark  = mark_q[STAGES-1];
  assign m_valid = valid_q[STAGES-1];
  assign enable  = m_ready || !m_valid;
  assign s_ready = enable;

  always_ff @(posedge clk) begin
    if (enable) begin
      last_q  <= STAGES'({last_q, s_last});
      mark_q  <= STAGES'({mark_q, s_mark});
      valid_q <= STAGES'({valid_q, s_valid});
    end
    if (rst) valid_q <= '0;
  end

endmodule
