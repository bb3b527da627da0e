// An RTL kernel as somebody may have it: the horizontal difference of an image of 8-bit pixels, x[i] - x[i - 1], saturated;
// a row's first pixel stays. Plain AXI4-Stream ports, 4 pixels a beat; knows nothing of Algean.
//
// TUSER is passed on; a beat with it, like one with TLAST, ends the image. Latency 1, a beat a cycle.
module difference #(
    parameter int unsigned ROW_BEATS = 4
) (
    input  logic        aclk,
    input  logic        aresetn,
    input  logic [31:0] s_axis_tdata,
    input  logic        s_axis_tlast,
    input  logic        s_axis_tuser,
    input  logic        s_axis_tvalid,
    output logic        s_axis_tready,
    output logic [31:0] m_axis_tdata,
    output logic        m_axis_tlast,
    output logic        m_axis_tuser,
    output logic        m_axis_tvalid,
    input  logic        m_axis_tready
);

  localparam int unsigned COUNT_BITS = ROW_BEATS > 1 ? $clog2(ROW_BEATS) : 1;

  logic [COUNT_BITS-1:0] beat;  // of the row
  logic [7:0] left;  // the pixel left of this beat; 0 at a row's begin
  logic [39:0] pixels;
  logic [31:0] differences;
  logic row_ends;

  assign pixels = {s_axis_tdata, left};
  for (genvar i = 0; i < 4; i++) begin : gen_pixel
    logic signed [8:0] wide;
    assign wide = 9'($signed(pixels[8*i+8+:8])) - 9'($signed(pixels[8*i+:8]));
    assign differences[8*i+:8] = wide > 9'sd127 ? 8'h7f : wide < -9'sd128 ? 8'h80 : wide[7:0];
  end

  assign row_ends      = s_axis_tlast || s_axis_tuser || beat == COUNT_BITS'(ROW_BEATS - 1);
  assign s_axis_tready = m_axis_tready || !m_axis_tvalid;

  always_ff @(posedge aclk) begin
    if (s_axis_tready) m_axis_tvalid <= s_axis_tvalid;
    if (s_axis_tvalid && s_axis_tready) begin
      m_axis_tdata <= s_axis_tuser ? '0 : differences;
      m_axis_tlast <= s_axis_tlast;
      m_axis_tuser <= s_axis_tuser;
      beat         <= row_ends ? '0 : beat + 1'b1;
      left         <= row_ends ? '0 : s_axis_tdata[31:24];
    end
    if (!aresetn) begin
      m_axis_tvalid <= 1'b0;
      beat          <= '0;
      left          <= '0;
    end
  end

endmodule
