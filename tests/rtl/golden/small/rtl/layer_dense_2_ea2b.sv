// Layer 'dense_2', folded to 3 x 2: 24 cycles an inference, 46 until the first is complete.
// Made by algean 0.1.0 from small.graph (lowered graph: CRC-32C 4f15a6d4), build --rtl --interval 24.
// Changes are lost when it is made again.
module layer_dense_2_ea2b (
  input  logic        clk,
  input  logic        rst,
  input  logic [23:0] s_data,
  input  logic        s_last,
  input  logic        s_mark,
  input  logic        s_valid,
  output logic        s_ready,
  output logic [7:0]  m_data,
  output logic        m_last,
  output logic        m_mark,
  output logic        m_valid,
  input  logic        m_ready
);

  // unit: 1 x 8 in beats of 1
  logic [7:0] unit_m_data;
  logic unit_m_last, unit_m_mark, unit_m_valid, unit_m_ready;
  algean_matvec #(
    .ELEMENTS(16), .OUTPUTS(8), .SIMD(3), .PE(2), .LANES(1), .PACKED(1), .BITS(8), .WEIGHT_BITS(8),
    .ACCUMULATOR_BITS(19), .ARITHMETIC(0), .SHIFT_LOW(24), .SHIFT_HIGH(24), .ZERO(-128), .LOW(-128),
    .HIGH(127), .WEIGHTS("mem/layer_dense_2_ea2b_weights.mem"),
    .CONSTANTS("mem/layer_dense_2_ea2b_constants.mem")
  ) u_unit (
    .clk(clk), .rst(rst), .s_data(s_data), .s_last(s_last), .s_mark(s_mark), .s_valid(s_valid),
    .s_ready(s_ready), .m_data(unit_m_data), .m_last(unit_m_last), .m_mark(unit_m_mark),
    .m_valid(unit_m_valid), .m_ready(unit_m_ready)
  );

  // outputs
  assign m_data = unit_m_data;
  assign m_last = unit_m_last;
  assign m_mark = unit_m_mark;
  assign m_valid = unit_m_valid;
  assign unit_m_ready = m_ready;
endmodule
