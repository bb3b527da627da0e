// Network 'small', 3 layers.
// in0: 'x' int8[12]
// out0: 'y' int8[4]
// Made by algean 0.1.0 from small.graph (lowered graph: CRC-32C 4f15a6d4), build --rtl --interval 24.
// Changes are lost when it is made again.
module algean_top (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] in0_data,
  input  logic       in0_last,
  input  logic       in0_mark,
  input  logic       in0_valid,
  output logic       in0_ready,
  output logic [7:0] out0_data,
  output logic       out0_last,
  output logic       out0_mark,
  output logic       out0_valid,
  input  logic       out0_ready,
  output logic       error
);

  // layer 'dense_1': 1 x 16 in beats of 1
  logic [7:0] dense_1_m_data;
  logic dense_1_m_last, dense_1_m_mark, dense_1_m_valid, dense_1_m_ready;
  layer_dense_1_773c u_dense_1 (
    .clk(clk), .rst(rst), .s_data(in0_data), .s_last(in0_last), .s_mark(in0_mark),
    .s_valid(in0_valid), .s_ready(in0_ready), .m_data(dense_1_m_data), .m_last(dense_1_m_last),
    .m_mark(dense_1_m_mark), .m_valid(dense_1_m_valid), .m_ready(dense_1_m_ready)
  );

  // dense_1_out_repack: 1 x 16 in beats of 3
  logic [23:0] dense_1_out_repack_m_data;
  logic dense_1_out_repack_m_last, dense_1_out_repack_m_mark, dense_1_out_repack_m_valid, dense_1_out_repack_m_ready;
  algean_repack #(
    .BITS(8), .ROWS(1), .IN_ELEMENTS(16), .IN_LANES(1), .OUT_ELEMENTS(16), .OUT_LANES(3)
  ) u_dense_1_out_repack (
    .clk(clk), .rst(rst), .s_data(dense_1_m_data), .s_last(dense_1_m_last), .s_mark(dense_1_m_mark),
    .s_valid(dense_1_m_valid), .s_ready(dense_1_m_ready), .m_data(dense_1_out_repack_m_data),
    .m_last(dense_1_out_repack_m_last), .m_mark(dense_1_out_repack_m_mark),
    .m_valid(dense_1_out_repack_m_valid), .m_ready(dense_1_out_repack_m_ready)
  );

  // layer 'dense_2': 1 x 8 in beats of 1
  logic [7:0] dense_2_m_data;
  logic dense_2_m_last, dense_2_m_mark, dense_2_m_valid, dense_2_m_ready;
  layer_dense_2_ea2b u_dense_2 (
    .clk(clk), .rst(rst), .s_data(dense_1_out_repack_m_data), .s_last(dense_1_out_repack_m_last),
    .s_mark(dense_1_out_repack_m_mark), .s_valid(dense_1_out_repack_m_valid),
    .s_ready(dense_1_out_repack_m_ready), .m_data(dense_2_m_data), .m_last(dense_2_m_last),
    .m_mark(dense_2_m_mark), .m_valid(dense_2_m_valid), .m_ready(dense_2_m_ready)
  );

  // layer 'dense_3': 1 x 4 in beats of 1
  logic [7:0] dense_3_m_data;
  logic dense_3_m_last, dense_3_m_mark, dense_3_m_valid, dense_3_m_ready;
  layer_dense_3_51be u_dense_3 (
    .clk(clk), .rst(rst), .s_data(dense_2_m_data), .s_last(dense_2_m_last), .s_mark(dense_2_m_mark),
    .s_valid(dense_2_m_valid), .s_ready(dense_2_m_ready), .m_data(dense_3_m_data),
    .m_last(dense_3_m_last), .m_mark(dense_3_m_mark), .m_valid(dense_3_m_valid),
    .m_ready(dense_3_m_ready)
  );

  // outputs
  assign out0_data = dense_3_m_data;
  assign out0_last = dense_3_m_last;
  assign out0_mark = dense_3_m_mark;
  assign out0_valid = dense_3_m_valid;
  assign dense_3_m_ready = out0_ready;
  assign error = 1'b0;
endmodule
