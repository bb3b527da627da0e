// Proof that one module moves its stream as stream_properties states. MODULE: 0 algean_register, 1 algean_fifo, 2 algean_clone,
// 3 algean_repack.
module move #(
    parameter int unsigned MODULE = 0,
    parameter int unsigned DEPTH = 2,
    parameter int unsigned OUTPUTS = 1,
    parameter int unsigned ROWS = 1,
    parameter int unsigned IN_ELEMENTS = 3,
    parameter int unsigned IN_LANES = 2,
    parameter int unsigned OUT_ELEMENTS = IN_ELEMENTS,
    parameter int unsigned OUT_LANES = IN_LANES
) (
    input logic                  clk,
    input logic                  rst,
    input logic [2*IN_LANES-1:0] s_data,
    input logic                  s_last,
    input logic                  s_mark,
    input logic                  s_valid,
    input logic [   OUTPUTS-1:0] m_ready
);

  localparam int unsigned BITS = 2;

  logic s_ready;
  logic [OUTPUTS*BITS*OUT_LANES-1:0] m_data;
  logic [OUTPUTS-1:0] m_last, m_mark, m_valid;

  // The writer fills up rows with zeros.
  integer column;
  integer i;
  always @(posedge clk) begin
    if (s_valid && s_ready) column <= s_last || column + IN_LANES >= IN_ELEMENTS ? 0 : column + IN_LANES;
    if (rst) column <= 0;
    for (i = 0; i < IN_LANES; i = i + 1) begin
      if (s_valid && !rst && column + i >= IN_ELEMENTS) assume (s_data[i*BITS+:BITS] == '0);
    end
  end

  if (MODULE == 0) begin : gen_register
    algean_register #(.BITS(BITS), .LANES(IN_LANES)) dut (.*);
  end else if (MODULE == 1) begin : gen_fifo
    algean_fifo #(.BITS(BITS), .LANES(IN_LANES), .DEPTH(DEPTH)) dut (.*);
  end else if (MODULE == 2) begin : gen_clone
    algean_clone #(.BITS(BITS), .LANES(IN_LANES), .OUTPUTS(OUTPUTS)) dut (.*);
  end else begin : gen_repack
    algean_repack #(.BITS(BITS), .ROWS(ROWS), .IN_ELEMENTS(IN_ELEMENTS), .IN_LANES(IN_LANES),
                    .OUT_ELEMENTS(OUT_ELEMENTS), .OUT_LANES(OUT_LANES)) dut (.*);
  end

  genvar g;
  for (g = 0; g < OUTPUTS; g = g + 1) begin : gen_output
    stream_properties #(
        .BITS(BITS), .IN_TOTAL(ROWS * IN_ELEMENTS), .IN_ELEMENTS(IN_ELEMENTS), .IN_LANES(IN_LANES),
        .OUT_ELEMENTS(OUT_ELEMENTS), .OUT_LANES(OUT_LANES)
    ) properties (
        .clk, .rst, .s_data, .s_last, .s_mark, .s_valid, .s_ready,
        .m_data(m_data[g*BITS*OUT_LANES+:BITS*OUT_LANES]),
        .m_last(m_last[g]), .m_mark(m_mark[g]), .m_valid(m_valid[g]), .m_ready(m_ready[g])
    );
  end

endmodule
