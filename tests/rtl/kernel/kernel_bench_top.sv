// Two kernels for kernel_bench.cpp: `a` has two inputs, three outputs and two loaders, `b` one of each.
`define AXI_PORTS(NAME, BYTES, LOADERS) \
    input  logic [8*BYTES-1:0] NAME``_s_axis_tdata, \
    input  logic [BYTES-1:0] NAME``_s_axis_tkeep, \
    input  logic NAME``_s_axis_tlast, \
    input  logic [7:0] NAME``_s_axis_tdest, \
    input  logic NAME``_s_axis_tuser, \
    input  logic NAME``_s_axis_tvalid, \
    output logic NAME``_s_axis_tready, \
    output logic [8*BYTES-1:0] NAME``_m_axis_tdata, \
    output logic [BYTES-1:0] NAME``_m_axis_tkeep, \
    output logic NAME``_m_axis_tlast, \
    output logic [7:0] NAME``_m_axis_tdest, \
    output logic [7:0] NAME``_m_axis_tid, \
    output logic NAME``_m_axis_tuser, \
    output logic NAME``_m_axis_tvalid, \
    input  logic NAME``_m_axis_tready, \
    input  logic [31:0] NAME``_w_axis_tdata, \
    input  logic NAME``_w_axis_tlast, \
    input  logic [7:0] NAME``_w_axis_tdest, \
    input  logic NAME``_w_axis_tvalid, \
    output logic NAME``_w_axis_tready, \
    input  logic [11:0] NAME``_s_axil_awaddr, \
    input  logic NAME``_s_axil_awvalid, \
    output logic NAME``_s_axil_awready, \
    input  logic [31:0] NAME``_s_axil_wdata, \
    input  logic [3:0] NAME``_s_axil_wstrb, \
    input  logic NAME``_s_axil_wvalid, \
    output logic NAME``_s_axil_wready, \
    output logic [1:0] NAME``_s_axil_bresp, \
    output logic NAME``_s_axil_bvalid, \
    input  logic NAME``_s_axil_bready, \
    input  logic [11:0] NAME``_s_axil_araddr, \
    input  logic NAME``_s_axil_arvalid, \
    output logic NAME``_s_axil_arready, \
    output logic [31:0] NAME``_s_axil_rdata, \
    output logic [1:0] NAME``_s_axil_rresp, \
    output logic NAME``_s_axil_rvalid, \
    input  logic NAME``_s_axil_rready, \
    output logic [32*LOADERS-1:0] NAME``_w_data, \
    output logic [LOADERS-1:0] NAME``_w_last, \
    output logic [LOADERS-1:0] NAME``_w_valid, \
    input  logic [LOADERS-1:0] NAME``_w_ready, \
    input  logic NAME``_error, \
    output logic NAME``_starves

`define AXI_CONNECTIONS(NAME) \
    .clk, .rst, \
    .s_axis_tdata(NAME``_s_axis_tdata), .s_axis_tkeep(NAME``_s_axis_tkeep), .s_axis_tlast(NAME``_s_axis_tlast), \
    .s_axis_tdest(NAME``_s_axis_tdest), .s_axis_tuser(NAME``_s_axis_tuser), .s_axis_tvalid(NAME``_s_axis_tvalid), \
    .s_axis_tready(NAME``_s_axis_tready), \
    .m_axis_tdata(NAME``_m_axis_tdata), .m_axis_tkeep(NAME``_m_axis_tkeep), .m_axis_tlast(NAME``_m_axis_tlast), \
    .m_axis_tdest(NAME``_m_axis_tdest), .m_axis_tid(NAME``_m_axis_tid), .m_axis_tuser(NAME``_m_axis_tuser), \
    .m_axis_tvalid(NAME``_m_axis_tvalid), .m_axis_tready(NAME``_m_axis_tready), \
    .w_axis_tdata(NAME``_w_axis_tdata), .w_axis_tlast(NAME``_w_axis_tlast), .w_axis_tdest(NAME``_w_axis_tdest), \
    .w_axis_tvalid(NAME``_w_axis_tvalid), .w_axis_tready(NAME``_w_axis_tready), \
    .s_axil_awaddr(NAME``_s_axil_awaddr), .s_axil_awvalid(NAME``_s_axil_awvalid), .s_axil_awready(NAME``_s_axil_awready), \
    .s_axil_wdata(NAME``_s_axil_wdata), .s_axil_wstrb(NAME``_s_axil_wstrb), .s_axil_wvalid(NAME``_s_axil_wvalid), \
    .s_axil_wready(NAME``_s_axil_wready), .s_axil_bresp(NAME``_s_axil_bresp), .s_axil_bvalid(NAME``_s_axil_bvalid), \
    .s_axil_bready(NAME``_s_axil_bready), .s_axil_araddr(NAME``_s_axil_araddr), .s_axil_arvalid(NAME``_s_axil_arvalid), \
    .s_axil_arready(NAME``_s_axil_arready), .s_axil_rdata(NAME``_s_axil_rdata), .s_axil_rresp(NAME``_s_axil_rresp), \
    .s_axil_rvalid(NAME``_s_axil_rvalid), .s_axil_rready(NAME``_s_axil_rready), \
    .k_w_data(NAME``_w_data), .k_w_last(NAME``_w_last), .k_w_valid(NAME``_w_valid), .k_w_ready(NAME``_w_ready), \
    .k_error(NAME``_error)

module kernel_bench_top (
    input logic clk,
    input logic rst,
    `AXI_PORTS(a, 4, 2),
    `AXI_PORTS(b, 8, 1)
);

  // a: input 0 to outputs 0 and 2, input 1 to output 1.
  logic [38:0] a_in_data;
  logic [1:0] a_in_last, a_in_mark, a_in_valid, a_in_ready;
  logic [53:0] a_out_data;
  logic [2:0] a_out_last, a_out_mark, a_out_valid, a_out_ready;

  algean_kernel #(
      .BYTES(4), .INPUTS(2), .OUTPUTS(3), .LOADERS(2),
      .IN_BITS({32'd12, 32'd5}), .IN_ROWS({32'd2, 32'd3}), .IN_ELEMENTS({32'd5, 32'd7}), .IN_LANES({32'd2, 32'd3}),
      .OUT_BITS({32'd5, 32'd12, 32'd5}), .OUT_ROWS({32'd3, 32'd2, 32'd3}), .OUT_ELEMENTS({32'd7, 32'd5, 32'd7}),
      .OUT_LANES({32'd3, 32'd2, 32'd3}), .IN_DATA(39), .OUT_DATA(54), .WEIGHTS_HASH(64'h0123456789abcdef)
  ) i_a (
      `AXI_CONNECTIONS(a),
      .k_s_data(a_in_data), .k_s_last(a_in_last), .k_s_mark(a_in_mark), .k_s_valid(a_in_valid), .k_s_ready(a_in_ready),
      .k_m_data(a_out_data), .k_m_last(a_out_last), .k_m_mark(a_out_mark), .k_m_valid(a_out_valid),
      .k_m_ready(a_out_ready)
  );
  assign a_starves = |(a_in_ready & ~a_in_valid);
  algean_clone #(.BITS(5), .LANES(3), .OUTPUTS(2)) i_clone (
      .clk, .rst,
      .s_data(a_in_data[14:0]), .s_last(a_in_last[0]), .s_mark(a_in_mark[0]), .s_valid(a_in_valid[0]), .s_ready(a_in_ready[0]),
      .m_data({a_out_data[53:39], a_out_data[14:0]}), .m_last({a_out_last[2], a_out_last[0]}),
      .m_mark({a_out_mark[2], a_out_mark[0]}), .m_valid({a_out_valid[2], a_out_valid[0]}),
      .m_ready({a_out_ready[2], a_out_ready[0]})
  );
  algean_fifo #(.BITS(12), .LANES(2), .DEPTH(4)) i_fifo (
      .clk, .rst,
      .s_data(a_in_data[38:15]), .s_last(a_in_last[1]), .s_mark(a_in_mark[1]), .s_valid(a_in_valid[1]), .s_ready(a_in_ready[1]),
      .m_data(a_out_data[38:15]), .m_last(a_out_last[1]), .m_mark(a_out_mark[1]), .m_valid(a_out_valid[1]),
      .m_ready(a_out_ready[1])
  );

  // b: a wire, of another element order in rows.
  logic [23:0] b_in_data;
  logic b_in_last, b_in_mark, b_in_valid, b_in_ready;

  algean_kernel #(
      .BYTES(8), .IN_ROWS(32'd4), .IN_ELEMENTS(32'd5), .IN_LANES(32'd3), .OUT_ROWS(32'd4), .OUT_ELEMENTS(32'd5),
      .OUT_LANES(32'd3), .IN_DATA(24), .OUT_DATA(24)
  ) i_b (
      `AXI_CONNECTIONS(b),
      .k_s_data(b_in_data), .k_s_last(b_in_last), .k_s_mark(b_in_mark), .k_s_valid(b_in_valid), .k_s_ready(b_in_ready),
      .k_m_data(b_in_data), .k_m_last(b_in_last), .k_m_mark(b_in_mark), .k_m_valid(b_in_valid), .k_m_ready(b_in_ready)
  );
  assign b_starves = b_in_ready && !b_in_valid;

endmodule
