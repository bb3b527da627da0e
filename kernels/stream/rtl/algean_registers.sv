// Printed from runtime/wire/registers.hpp by print_registers.cpp: do not edit.
//
// The registers of a kernel behind AXI4-Lite (runtime/wire/REGISTERS.md). A command is high for one cycle.
// Cycles: an answer a cycle behind its request; one read and one write under way at a time.
module algean_registers (
    input  logic        clk,
    input  logic        rst,
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
    input  logic        s_axil_rready,
    input  logic [31:0] ports,
    input  logic [31:0] status,
    output logic [31:0] control,
    output logic [31:0] command,
    input  logic [63:0] weights_hash,
    input  logic [63:0] cycles,
    input  logic [63:0] busy,
    input  logic [63:0] stall,
    input  logic [63:0] starve,
    input  logic [31:0] inferences,
    input  logic [31:0] errors,
    output logic [255:0] output_route
);

  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;

  // Reads.
  logic found;
  logic [31:0] value, upper;

  always_comb begin
    {found, value} = '0;
    case (s_axil_araddr[11:2])
      10'h000: {found, value} = {1'b1, 32'h4e474c41};
      10'h001: {found, value} = {1'b1, 32'h00000001};
      10'h002: {found, value} = {1'b1, ports[31:0]};
      10'h003: {found, value} = {1'b1, status[31:0]};
      10'h004: {found, value} = {1'b1, control[31:0]};
      10'h005: {found, value} = {1'b1, 32'b0};
      10'h006: {found, value} = {1'b1, weights_hash[31:0]};
      10'h007: {found, value} = {1'b1, upper};
      10'h008: {found, value} = {1'b1, cycles[31:0]};
      10'h009: {found, value} = {1'b1, upper};
      10'h00a: {found, value} = {1'b1, busy[31:0]};
      10'h00b: {found, value} = {1'b1, upper};
      10'h00c: {found, value} = {1'b1, stall[31:0]};
      10'h00d: {found, value} = {1'b1, upper};
      10'h00e: {found, value} = {1'b1, starve[31:0]};
      10'h00f: {found, value} = {1'b1, upper};
      10'h010: {found, value} = {1'b1, inferences[31:0]};
      10'h011: {found, value} = {1'b1, errors[31:0]};
      10'h020: {found, value} = {1'b1, output_route[31:0]};
      10'h021: {found, value} = {1'b1, output_route[63:32]};
      10'h022: {found, value} = {1'b1, output_route[95:64]};
      10'h023: {found, value} = {1'b1, output_route[127:96]};
      10'h024: {found, value} = {1'b1, output_route[159:128]};
      10'h025: {found, value} = {1'b1, output_route[191:160]};
      10'h026: {found, value} = {1'b1, output_route[223:192]};
      10'h027: {found, value} = {1'b1, output_route[255:224]};
      default: ;
    endcase
  end

  assign s_axil_arready = !s_axil_rvalid;

  always_ff @(posedge clk) begin
    if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rdata  <= value;
      s_axil_rresp  <= found ? OKAY : SLVERR;
      case (s_axil_araddr[11:2])
        10'h006: upper <= weights_hash[63:32];
        10'h008: upper <= cycles[63:32];
        10'h00a: upper <= busy[63:32];
        10'h00c: upper <= stall[63:32];
        10'h00e: upper <= starve[63:32];
        default: ;
      endcase
    end else if (s_axil_rready) begin
      s_axil_rvalid <= 1'b0;
    end
    if (rst) s_axil_rvalid <= 1'b0;
  end

  // Writes.
  logic writes, writable;
  logic [31:0] mask;

  assign mask = {{8{s_axil_wstrb[3]}}, {8{s_axil_wstrb[2]}}, {8{s_axil_wstrb[1]}}, {8{s_axil_wstrb[0]}}};
  assign writes = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_awready = writes;
  assign s_axil_wready  = writes;

  always_comb begin
    case (s_axil_awaddr[11:2])
      10'h004, 10'h005, 10'h020, 10'h021, 10'h022, 10'h023, 10'h024, 10'h025, 10'h026, 10'h027: writable = 1'b1;
      default: writable = 1'b0;
    endcase
  end

  always_ff @(posedge clk) begin
    command <= '0;
    if (writes) begin
      s_axil_bvalid <= 1'b1;
      s_axil_bresp  <= writable ? OKAY : SLVERR;
      case (s_axil_awaddr[11:2])
        10'h004: control[31:0] <= (s_axil_wdata & mask) | (control[31:0] & ~mask);
        10'h005: command[31:0] <= (s_axil_wdata & mask);
        10'h020: output_route[31:0] <= (s_axil_wdata & mask) | (output_route[31:0] & ~mask);
        10'h021: output_route[63:32] <= (s_axil_wdata & mask) | (output_route[63:32] & ~mask);
        10'h022: output_route[95:64] <= (s_axil_wdata & mask) | (output_route[95:64] & ~mask);
        10'h023: output_route[127:96] <= (s_axil_wdata & mask) | (output_route[127:96] & ~mask);
        10'h024: output_route[159:128] <= (s_axil_wdata & mask) | (output_route[159:128] & ~mask);
        10'h025: output_route[191:160] <= (s_axil_wdata & mask) | (output_route[191:160] & ~mask);
        10'h026: output_route[223:192] <= (s_axil_wdata & mask) | (output_route[223:192] & ~mask);
        10'h027: output_route[255:224] <= (s_axil_wdata & mask) | (output_route[255:224] & ~mask);
        default: ;
      endcase
    end else if (s_axil_bready) begin
      s_axil_bvalid <= 1'b0;
    end
    if (rst) begin
      s_axil_bvalid <= 1'b0;
      control <= '0;
      output_route <= '0;
      command <= '0;
    end
  end

  // The lowest bits of addresses say nothing.
  logic unused;
  assign unused = &{1'b0, s_axil_awaddr[1:0], s_axil_araddr[1:0]};

endmodule
