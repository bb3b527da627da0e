// A stream through a register in both directions: neither valid and data nor ready pass it within a cycle.
//
// Parameters: BITS 1.., LANES 1.. (of a beat)
// Cycles:     a beat a cycle; latency 1
// Holds:      2 beats
module algean_register #(
    parameter int unsigned BITS = 8,
    parameter int unsigned LANES = 1
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic [BITS*LANES-1:0] s_data,
    input  logic                  s_last,
    input  logic                  s_mark,
    input  logic                  s_valid,
    output logic                  s_ready,
    output logic [BITS*LANES-1:0] m_data,
    output logic                  m_last,
    output logic                  m_mark,
    output logic                  m_valid,
    input  logic                  m_ready
);

  if (BITS < 1 || LANES < 1) $error("algean_register: BITS and LANES are at least 1");

  localparam int unsigned WORD = BITS * LANES + 2;

  // `spare` takes the beat that comes while `front` waits; only then is s_ready low.
  logic [WORD-1:0] front, spare;
  logic spare_valid;

  assign s_ready = !spare_valid;
  assign {m_mark, m_last, m_data} = front;

  always_ff @(posedge clk) begin
    if (m_ready || !m_valid) begin
      front   <= spare_valid ? spare : {s_mark, s_last, s_data};
      m_valid <= spare_valid || s_valid;
    end
    if (s_ready) spare <= {s_mark, s_last, s_data};
    if (m_ready || !m_valid) spare_valid <= 1'b0;
    else if (s_valid) spare_valid <= 1'b1;
    if (rst) begin
      m_valid     <= 1'b0;
      spare_valid <= 1'b0;
    end
  end

endmodule
