// Layer 'dense_3', folded to 1 x 2: 16 cycles an inference, 38 until the first is complete.
// Made by algean 0.1.0 from small.graph (lowered graph: CRC-32C 4f15a6d4), build --rtl --interval 24.
// Changes are lost when it is made again.
module layer_dense_3_51be (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] s_data,
  input  logic       s_last,
  input  logic       s_mark,
  input  logic       s_valid,
  output logic       s_ready,
  output logic [7:0] m_data,
  output logic       m_last,
  output logic       m_mark,
  output logic       m_valid,
  input  logic       m_ready
);

  // unit: 1 x 4 in beats of 1
  logic [7:0] unit_m_data;
  logic unit_m_last, unit_m_mark, unit_m_valid, unit_m_ready;
  algean_matvec #(
    .ELEMENTS(8), .OUTPUTS(4), .SIMD(1), .PE(2), .LANES(1), .PACKED(1), .BITS(8), .WEIGHT_BITS(8),
    .ACCUMULATOR_BITS(18), .ARITHMETIC(0), .SHIFT_LOW(25), .SHIFT_HIGH(25), .ZERO(0), .LOW(-128),
    .HIGH(127), .WEIGHTS("mem/layer_dense_3_51be_weights.mem"),
    .CONSTANTS("mem/layer_dense_3_51be_constants.mem")
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
