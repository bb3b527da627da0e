// Units whose weights are loaded, for loader_main.cpp.
module loader_top (
  input logic clk,
  input logic rst,
  input logic [31:0] matvec_w_data,
  input logic matvec_w_last, matvec_w_valid,
  output logic matvec_w_ready, matvec_error,
  input logic [23:0] matvec_s_data,
  input logic matvec_s_last, matvec_s_mark, matvec_s_valid,
  output logic matvec_s_ready,
  output logic [7:0] matvec_m_data,
  output logic matvec_m_last, matvec_m_mark, matvec_m_valid,
  input logic matvec_m_ready,
  input logic [31:0] depthwise_w_data,
  input logic depthwise_w_last, depthwise_w_valid,
  output logic depthwise_w_ready, depthwise_error,
  input logic [15:0] depthwise_s_data,
  input logic depthwise_s_last, depthwise_s_mark, depthwise_s_valid,
  output logic depthwise_s_ready,
  output logic [15:0] depthwise_m_data,
  output logic depthwise_m_last, depthwise_m_mark, depthwise_m_valid,
  input logic depthwise_m_ready
);
  algean_matvec_loadable #(
    .ELEMENTS(10), .OUTPUTS(7), .SIMD(3), .PE(4), .LANES(1), .ACCUMULATOR_BITS(24), .PACKED(1), .ZERO(5)
  ) u_matvec (
    .clk, .rst,
    .w_data(matvec_w_data), .w_last(matvec_w_last), .w_valid(matvec_w_valid), .w_ready(matvec_w_ready),
    .error(matvec_error),
    .s_data(matvec_s_data), .s_last(matvec_s_last), .s_mark(matvec_s_mark), .s_valid(matvec_s_valid),
    .s_ready(matvec_s_ready),
    .m_data(matvec_m_data), .m_last(matvec_m_last), .m_mark(matvec_m_mark), .m_valid(matvec_m_valid),
    .m_ready(matvec_m_ready)
  );
  algean_depthwise_loadable #(
    .CHANNELS(5), .MULTIPLIER(2), .TAPS(3), .LANES(2), .OUT_LANES(2), .WEIGHT_BITS(9), .ACCUMULATOR_BITS(26),
    .ARITHMETIC(1), .SHIFT_LOW(-31), .SHIFT_HIGH(30), .ZERO(-3), .LOW(-100), .ULTRA(1)
  ) u_depthwise (
    .clk, .rst,
    .w_data(depthwise_w_data), .w_last(depthwise_w_last), .w_valid(depthwise_w_valid), .w_ready(depthwise_w_ready),
    .error(depthwise_error),
    .s_data(depthwise_s_data), .s_last(depthwise_s_last), .s_mark(depthwise_s_mark), .s_valid(depthwise_s_valid),
    .s_ready(depthwise_s_ready),
    .m_data(depthwise_m_data), .m_last(depthwise_m_last), .m_mark(depthwise_m_mark), .m_valid(depthwise_m_valid),
    .m_ready(depthwise_m_ready)
  );
endmodule
