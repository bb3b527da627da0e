// The form of algean_repack for inputs of one granule: collects the granules of an output beat.
//
// Parameters: WIDTH 1.. (bits of a granule); OUT 2.. (granules of an output beat); OUT_ROW 1.. (granules of an output row)
// Cycles:     a granule a cycle; latency 1 after the beat's last granule
module algean_repack_wide #(
    parameter int unsigned WIDTH   = 8,
    parameter int unsigned OUT     = 2,
    parameter int unsigned OUT_ROW = 4
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic [    WIDTH-1:0] s_data,
    input  logic                 s_last,
    input  logic                 s_mark,
    input  logic                 s_valid,
    output logic                 s_ready,
    output logic [WIDTH*OUT-1:0] m_data,
    output logic                 m_last,
    output logic                 m_mark,
    output logic                 m_valid,
    input  logic                 m_ready
);

  if (WIDTH < 1 || OUT < 2 || OUT_ROW < 1) $error("algean_repack_wide: WIDTH 1.., OUT 2.., OUT_ROW 1..");

  localparam int unsigned PLACE_BITS = $clog2(OUT);

  logic [PLACE_BITS-1:0] place;  // of the next granule in its beat
  logic row_end, beat_end, take;

  assign s_ready  = m_ready || !m_valid;
  assign take     = s_valid && s_ready;
  assign beat_end = row_end || s_last || place == PLACE_BITS'(OUT - 1);

  if (OUT_ROW % OUT == 0) begin : gen_whole
    assign row_end = 1'b0;
  end else begin : gen_tail
    localparam int unsigned ROW_BITS = OUT_ROW > 1 ? $clog2(OUT_ROW) : 1;
    logic [ROW_BITS-1:0] position;  // of the next granule in its row
    assign row_end = position == ROW_BITS'(OUT_ROW - 1);
    always_ff @(posedge clk) begin
      if (take) position <= s_last || row_end ? '0 : position + 1'b1;
      if (rst) position <= '0;
    end
  end

  for (genvar i = 0; i < OUT; i++) begin : gen_granule
    always_ff @(posedge clk) begin
      if (take) begin
        if (s_mark) m_data[i*WIDTH+:WIDTH] <= '0;
        else if (place == PLACE_BITS'(i)) m_data[i*WIDTH+:WIDTH] <= s_data;
        else if (place == '0) m_data[i*WIDTH+:WIDTH] <= '0;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (take) begin
      place  <= beat_end ? '0 : place + 1'b1;
      m_last <= s_last;
      m_mark <= s_mark;
    end
    if (s_ready) m_valid <= take && beat_end;
    if (rst) begin
      place   <= '0;
      m_valid <= 1'b0;
    end
  end

endmodule
