// One stream to several readers: each beat, markers too, goes once to each output. An output that is ready does not wait for
// the others; the next beat does.
//
// Parameters: BITS 1.., LANES 1.. (of a beat); OUTPUTS 1..
// Cycles:     a beat a cycle; latency 0 (no register: valid, data and ready pass within the cycle)
module algean_clone #(
    parameter int unsigned BITS    = 8,
    parameter int unsigned LANES   = 1,
    parameter int unsigned OUTPUTS = 2
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [        BITS*LANES-1:0] s_data,
    input  logic                          s_last,
    input  logic                          s_mark,
    input  logic                          s_valid,
    output logic                          s_ready,
    output logic [OUTPUTS*BITS*LANES-1:0] m_data,
    output logic [           OUTPUTS-1:0] m_last,
    output logic [           OUTPUTS-1:0] m_mark,
    output logic [           OUTPUTS-1:0] m_valid,
    input  logic [           OUTPUTS-1:0] m_ready
);

  if (BITS < 1 || LANES < 1) $error("algean_clone: BITS and LANES are at least 1");
  if (OUTPUTS < 1) $error("algean_clone: OUTPUTS is at least 1");

  logic [OUTPUTS-1:0] done;  // outputs that have the beat which s_valid still holds

  assign m_data  = {OUTPUTS{s_data}};
  assign m_last  = {OUTPUTS{s_last}};
  assign m_mark  = {OUTPUTS{s_mark}};
  assign m_valid = {OUTPUTS{s_valid}} & ~done;
  assign s_ready = &(done | m_ready);

  always_ff @(posedge clk) begin
    if (rst || (s_valid && s_ready)) done <= '0;
    else done <= done | (m_valid & m_ready);
  end

endmodule
