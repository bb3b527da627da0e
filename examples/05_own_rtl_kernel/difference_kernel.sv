// difference behind algean_kernel: images of 8 rows of 16 pixels, 8 bytes a beat of the bus.
//
// What `difference` calls TUSER is the reset marker; its beats are rows of 16 elements in 4 lanes.
module difference_kernel (
    input logic clk,
    input logic rst,

    input  logic [63:0] s_axis_tdata,
    input  logic [ 7:0] s_axis_tkeep,
    input  logic        s_axis_tlast,
    input  logic [ 7:0] s_axis_tdest,
    input  logic        s_axis_tuser,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,

    output logic [63:0] m_axis_tdata,
    output logic [ 7:0] m_axis_tkeep,
    output logic        m_axis_tlast,
    output logic [ 7:0] m_axis_tdest,
    output logic [ 7:0] m_axis_tid,
    output logic        m_axis_tuser,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready,

    input  logic [11:0] s_axil_awaddr,
    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    output logic [ 1:0] s_axil_bresp,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    input  logic [11:0] s_axil_araddr,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready
);

  logic [31:0] in_data, out_data;
  logic in_last, in_mark, in_valid, in_ready, out_last, out_mark, out_valid, out_ready;

  // It has no weights: the loader's ports lead nowhere.
  logic [31:0] w_data;
  logic w_axis_tready, w_last, w_valid, unused;
  assign unused = &{1'b0, w_data, w_axis_tready, w_last, w_valid};

  algean_kernel #(
      .BYTES(8),
      .IN_BITS(32'd8), .IN_ROWS(32'd8), .IN_ELEMENTS(32'd16), .IN_LANES(32'd4), .IN_DATA(32),
      .OUT_BITS(32'd8), .OUT_ROWS(32'd8), .OUT_ELEMENTS(32'd16), .OUT_LANES(32'd4), .OUT_DATA(32)
  ) i_kernel (
      .clk, .rst,
      .s_axis_tdata, .s_axis_tkeep, .s_axis_tlast, .s_axis_tdest, .s_axis_tuser, .s_axis_tvalid, .s_axis_tready,
      .m_axis_tdata, .m_axis_tkeep, .m_axis_tlast, .m_axis_tdest, .m_axis_tid, .m_axis_tuser, .m_axis_tvalid, .m_axis_tready,
      .w_axis_tdata('0), .w_axis_tlast(1'b0), .w_axis_tdest('0), .w_axis_tvalid(1'b0), .w_axis_tready,
      .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready, .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
      .s_axil_bresp, .s_axil_bvalid, .s_axil_bready, .s_axil_araddr, .s_axil_arvalid, .s_axil_arready,
      .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
      .k_s_data(in_data), .k_s_last(in_last), .k_s_mark(in_mark), .k_s_valid(in_valid), .k_s_ready(in_ready),
      .k_m_data(out_data), .k_m_last(out_last), .k_m_mark(out_mark), .k_m_valid(out_valid), .k_m_ready(out_ready),
      .k_w_data(w_data), .k_w_last(w_last), .k_w_valid(w_valid), .k_w_ready(1'b0), .k_error(1'b0)
  );

  difference #(
      .ROW_BEATS(4)
  ) i_difference (
      .aclk(clk), .aresetn(!rst),
      .s_axis_tdata(in_data), .s_axis_tlast(in_last), .s_axis_tuser(in_mark), .s_axis_tvalid(in_valid), .s_axis_tready(in_ready),
      .m_axis_tdata(out_data), .m_axis_tlast(out_last), .m_axis_tuser(out_mark), .m_axis_tvalid(out_valid),
      .m_axis_tready(out_ready)
  );

endmodule
