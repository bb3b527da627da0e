// Rows of one value around an image, [HEIGHT, WIDTH] of rows of ELEMENTS: TOP and BOTTOM lines, LEFT and RIGHT rows
// of a line.
//
// Parameters: LANES elements of 8 bits a beat, ELEMENTS, HEIGHT, WIDTH (each 1 or more); TOP, LEFT, BOTTOM, RIGHT;
// VALUE a code.
// One beat of the output a cycle, no latency; data passes without a register. Padding waits for the tensor's first
// beat.
module algean_pad #(
  parameter int unsigned LANES    = 1,
  parameter int unsigned ELEMENTS = 1,
  parameter int unsigned HEIGHT   = 1,
  parameter int unsigned WIDTH    = 1,
  parameter int unsigned TOP      = 0,
  parameter int unsigned LEFT     = 0,
  parameter int unsigned BOTTOM   = 0,
  parameter int unsigned RIGHT    = 0,
  parameter int          VALUE    = 0
) (
  input  logic               clk,
  input  logic               rst,
  input  logic [8*LANES-1:0] s_data,
  input  logic               s_last,
  input  logic               s_mark,
  input  logic               s_valid,
  output logic               s_ready,
  output logic [8*LANES-1:0] m_data,
  output logic               m_last,
  output logic               m_mark,
  output logic               m_valid,
  input  logic               m_ready
);

  if (LANES < 1 || ELEMENTS < 1 || HEIGHT < 1 || WIDTH < 1) $error("algean_pad: extents must be at least 1");

  localparam int unsigned Beats = (ELEMENTS + LANES - 1) / LANES;
  localparam int unsigned Lines = TOP + HEIGHT + BOTTOM;
  localparam int unsigned Rows = LEFT + WIDTH + RIGHT;

  // Counters have a bit to spare, so that bounds fit.
  logic [$clog2(Beats+1):0] beat_q;
  logic [$clog2(Rows+1):0]  row_q;
  logic [$clog2(Lines+1):0] line_q;
  logic                     beat_end, row_end, line_end, is_first, is_inside, moves;
  logic [8*LANES-1:0]       data;

  assign beat_end  = 32'(beat_q) == Beats - 1;
  assign row_end   = 32'(row_q) == Rows - 1;
  assign line_end  = 32'(line_q) == Lines - 1;
  assign is_first  = beat_q == '0 && row_q == '0 && line_q == '0;
  assign is_inside = 32'(line_q) + 1 > TOP && 32'(line_q) < TOP + HEIGHT && 32'(row_q) + 1 > LEFT &&
      32'(row_q) < LEFT + WIDTH;

  // A marker is looked at where a beat of the input is wanted, or the tensor's first.
  assign m_mark  = s_valid && s_mark && (is_inside || is_first);
  assign m_valid = s_valid || !(is_inside || is_first);
  assign m_last  = m_mark || (beat_end && row_end && line_end);
  assign s_ready = m_ready && (is_inside || m_mark);
  assign data    = is_inside ? s_data : {LANES{8'(VALUE)}};
  assign moves   = m_valid && m_ready;

  always_ff @(posedge clk) begin
    if (moves) begin
      beat_q <= beat_end ? '0 : beat_q + 1'b1;
      if (beat_end) row_q <= row_end ? '0 : row_q + 1'b1;
      if (beat_end && row_end) line_q <= line_end ? '0 : line_q + 1'b1;
    end
    if (rst || (moves && m_mark)) begin
      beat_q <= '0;
      row_q  <= '0;
      line_q <= '0;
    end
  end

  algean_mask #(
    .BITS    (8),
    .LANES   (LANES),
    .ELEMENTS(ELEMENTS)
  ) u_mask (
    .clk, .rst,
    .step  (moves),
    .mark  (m_mark),
    .data,
    .masked(m_data)
  );

  logic unused;
  assign unused = s_last;

endmodule
