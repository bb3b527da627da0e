// Nearest up-sampling by whole numbers: each row of a line ACROSS times, each line DOWN times. A line is kept for its
// repetitions.
//
// Parameters: BITS of an element, LANES elements a beat, BEATS of a row, WIDTH rows of a line, ACROSS, DOWN (each 1
// or more).
// One beat of the output a cycle; latency 1 cycle. A line's beats are taken while they are given for the first time.
module algean_repeat #(
  parameter int unsigned BITS   = 8,
  parameter int unsigned LANES  = 1,
  parameter int unsigned BEATS  = 1,
  parameter int unsigned WIDTH  = 1,
  parameter int unsigned ACROSS = 1,
  parameter int unsigned DOWN   = 1
) (
  input  logic                  clk,
  input  logic                  rst,
  input  logic [BITS*LANES-1:0] s_data,
  input  logic                  s_last,
  input  logic                  s_mark,
  input  logic                  s_valid,
  output logic                  s_ready,
  output logic [BITS*LANES-1:0] m_data,
  output logic                  m_last,
  output logic                  m_mark,
  output logic                  m_valid,
  input  logic                  m_ready
);

  if (BITS < 1 || LANES < 1 || BEATS < 1) $error("algean_repeat: BITS, LANES and BEATS must be at least 1");
  if (WIDTH < 1 || ACROSS < 1 || DOWN < 1) $error("algean_repeat: WIDTH, ACROSS and DOWN must be at least 1");

  localparam int unsigned BeatBits = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int unsigned RowBits = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int unsigned AcrossBits = ACROSS > 1 ? $clog2(ACROSS) : 1;
  localparam int unsigned DownBits = DOWN > 1 ? $clog2(DOWN) : 1;
  localparam int unsigned Words = BEATS * WIDTH;
  localparam int unsigned AddressBits = Words > 1 ? $clog2(Words) : 1;

  // Yosys 0.23 cannot map a deep memory with one address to LUTs.
  (* ram_style = Words > 64 ? "block" : "distributed" *)
  logic [BITS*LANES-1:0]  line [Words];
  logic [BITS*LANES-1:0]  fresh_q, kept_q;
  logic [BeatBits-1:0]    beat_q;
  logic [RowBits-1:0]     row_q;
  logic [AcrossBits-1:0]  across_q;
  logic [DownBits-1:0]    down_q;
  logic [AddressBits-1:0] base_q, address;  // of the row, of the beat
  logic                   beat_end, across_end, row_end, down_end;
  logic                   takes, moves, mark, last, is_fresh_q, final_q, ready, enable;

  assign beat_end   = beat_q == BeatBits'(BEATS - 1);
  assign across_end = across_q == AcrossBits'(ACROSS - 1);
  assign row_end    = row_q == RowBits'(WIDTH - 1);
  assign down_end   = down_q == DownBits'(DOWN - 1);
  assign takes      = across_q == '0 && down_q == '0;  // the beat comes from the input
  assign address    = base_q + AddressBits'(beat_q);
  assign mark       = takes && s_mark;
  assign last       = mark || ((takes ? s_last : final_q) && beat_end && across_end && row_end && down_end);
  assign s_ready    = ready && takes;
  assign moves      = ready && (s_valid || !takes);

  algean_pipe #(
    .STAGES(1)
  ) u_pipe (
    .clk, .rst,
    .s_last (last),
    .s_mark (mark),
    .s_valid(s_valid || !takes),
    .s_ready(ready),
    .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  assign m_data = m_mark ? '0 : is_fresh_q ? fresh_q : kept_q;

  always_ff @(posedge clk) begin
    if (enable) begin
      fresh_q    <= s_data;
      kept_q     <= line[address];
      is_fresh_q <= takes;
    end
    if (moves) begin
      if (takes) final_q <= s_last;
      beat_q <= beat_end ? '0 : beat_q + 1'b1;
      if (beat_end) across_q <= across_end ? '0 : across_q + 1'b1;
      if (beat_end && across_end) begin
        row_q  <= row_end ? '0 : row_q + 1'b1;
        base_q <= row_end ? '0 : base_q + AddressBits'(BEATS);
        if (row_end) down_q <= down_end ? '0 : down_q + 1'b1;
      end
    end
    if (rst || (moves && mark)) begin
      beat_q   <= '0;
      across_q <= '0;
      row_q    <= '0;
      base_q   <= '0;
      down_q   <= '0;
    end
  end

  always_ff @(posedge clk) if (moves && takes) line[address] <= s_data;

endmodule
