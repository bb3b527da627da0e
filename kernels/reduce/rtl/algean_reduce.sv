// Sums, means, maxima, minima and the index of a maximum: over the taps of windows that algean_window lays out
// channel block by channel block (BLOCKS 1), or over leading axes of a tensor, an accumulator for each channel
// (BLOCKS the beats that return). The input is groups of COUNT times BLOCKS beats; a group gives BLOCKS beats.
//
// Parameters: KIND 0 sum, 1 largest, 2 smallest, 3 index of the first largest; LANES elements of X_BITS bits a beat;
// BLOCKS, COUNT as above (each 1 or more); ELEMENTS of a row of the output; OUT_BITS 8 (X_BITS 8, too), or 32 for totals
// as they are, or (total + 2^(OUT_SHIFT-1)) >> OUT_SHIFT; TOTAL_BITS, INITIAL as algean_reduce_lane's; FINISH, ZERO_Y, LOW,
// HIGH as algean_reduce_finish's, whose words are IMAGE: PERIOD of 64 bits, which repeat, one for every GROUP_BEATS beats
// of the output.
// One beat a cycle. A group's last beats leave 2 (FINISH 0), 3 (1), 7 (2) or 4 (3, 4) cycles after they were taken,
// totals as they are 1 cycle after.
module algean_reduce #(
  parameter int unsigned KIND        = 0,
  parameter int unsigned LANES       = 1,
  parameter int unsigned BLOCKS      = 1,
  parameter int unsigned COUNT       = 1,
  parameter int unsigned ELEMENTS    = 1,
  parameter int unsigned X_BITS      = 8,
  parameter int unsigned OUT_BITS    = 8,
  parameter int unsigned OUT_SHIFT   = 0,
  parameter int unsigned TOTAL_BITS  = 32,
  parameter int          INITIAL     = 0,
  parameter int unsigned FINISH      = 0,
  parameter int          ZERO_Y      = 0,
  parameter int          LOW         = -128,
  parameter int          HIGH        = 127,
  parameter int unsigned PERIOD      = 1,
  parameter int unsigned GROUP_BEATS = 1,
  parameter              IMAGE       = ""
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [X_BITS*LANES-1:0]   s_data,
  input  logic                      s_last,
  input  logic                      s_mark,
  input  logic                      s_valid,
  output logic                      s_ready,
  output logic [OUT_BITS*LANES-1:0] m_data,
  output logic                      m_last,
  output logic                      m_mark,
  output logic                      m_valid,
  input  logic                      m_ready
);

  localparam int unsigned Stages = OUT_BITS == 32 ? 1 : FINISH == 0 ? 2 : FINISH == 1 ? 3 : FINISH == 2 ? 7 : 4;
  localparam int unsigned BlockBits = BLOCKS > 1 ? $clog2(BLOCKS) : 1;
  localparam int unsigned RoundBits = COUNT > 1 ? $clog2(COUNT) : 1;

  if (LANES < 1 || BLOCKS < 1 || COUNT < 1 || PERIOD < 1) $error("algean_reduce: parameters must be at least 1");
  if (OUT_BITS != 8 && OUT_BITS != 32) $error("algean_reduce: OUT_BITS must be 8 or 32");
  if (OUT_BITS == 8 && (X_BITS != 8 || TOTAL_BITS > 32)) $error("algean_reduce: codes come of codes");
  if (OUT_BITS == 8 && KIND == 3) $error("algean_reduce: an index has OUT_BITS 32");

  logic                      ready, enable, step, first, final_round, at_last_block;
  logic [BlockBits-1:0]      block_q;
  logic [RoundBits-1:0]      round_q;
  logic [OUT_BITS*LANES-1:0] result;
  logic [63:0]               word_q;  // the finish's numbers, beside the total

  assign first         = round_q == '0;
  assign final_round   = round_q == RoundBits'(COUNT - 1);
  assign at_last_block = block_q == BlockBits'(BLOCKS - 1);
  assign s_ready       = ready || (!final_round && !s_mark);
  assign step          = s_valid && s_ready;

  always_ff @(posedge clk) begin
    if (step) begin
      block_q <= at_last_block ? '0 : block_q + 1'b1;
      if (at_last_block) round_q <= final_round ? '0 : round_q + 1'b1;
    end
    if (rst || (step && s_mark)) begin
      block_q <= '0;
      round_q <= '0;
    end
  end

  algean_pipe #(
    .STAGES(Stages)
  ) u_pipe (
    .clk, .rst, .s_last, .s_mark,
    .s_valid(s_valid && (final_round || s_mark)),
    .s_ready(ready),
    .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  if (OUT_BITS == 8 && FINISH > 0) begin : gen_words
    localparam int unsigned GroupBits = GROUP_BEATS > 1 ? $clog2(GROUP_BEATS) : 1;
    logic [63:0]          word;
    logic [GroupBits-1:0] group_q;
    logic                 leaves, at_group_end;
    assign leaves       = step && (final_round || s_mark);
    assign at_group_end = s_last || group_q == GroupBits'(GROUP_BEATS - 1);
    always_ff @(posedge clk) begin
      if (leaves) group_q <= at_group_end ? '0 : group_q + 1'b1;
      if (rst) group_q <= '0;
      if (enable) word_q <= word;
    end
    logic unused_end;
    algean_replay #(
      .BITS  (64),
      .PERIOD(PERIOD),
      .IMAGE (IMAGE)
    ) u_words (
      .clk, .rst,
      .step   (leaves && at_group_end),
      .restart(s_last),
      .at_end (unused_end),
      .word
    );
  end else begin : gen_no_words
    assign word_q = '0;
    logic unused;
    assign unused = &{1'b0, word_q};
  end

  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    logic signed [TOTAL_BITS-1:0] total, total_q;
    algean_reduce_lane #(
      .KIND      (KIND),
      .BLOCKS    (BLOCKS),
      .X_BITS    (X_BITS),
      .TOTAL_BITS(TOTAL_BITS),
      .INITIAL   (INITIAL)
    ) u_lane (
      .clk, .step, .first,
      .block(block_q),
      .round(32'(round_q)),
      .x    (s_data[X_BITS*i+:X_BITS]),
      .total
    );
    always_ff @(posedge clk) if (enable) total_q <= total;
    if (OUT_BITS == 32) begin : gen_total
      if (OUT_SHIFT == 0) begin : gen_whole
        if (TOTAL_BITS > 32) $error("algean_reduce: a total as it is has at most 32 bits");
        assign result[OUT_BITS*i+:OUT_BITS] = OUT_BITS'(total_q);
      end else begin : gen_rounded
        logic signed [TOTAL_BITS:0] rounded;
        assign rounded = (TOTAL_BITS + 1)'(total_q) + ((TOTAL_BITS + 1)'(1) << (OUT_SHIFT - 1));
        assign result[OUT_BITS*i+:OUT_BITS] = OUT_BITS'(rounded >>> OUT_SHIFT);
      end
    end else begin : gen_finish
      algean_reduce_finish #(
        .FINISH    (FINISH),
        .TOTAL_BITS(TOTAL_BITS),
        .ZERO_Y    (ZERO_Y),
        .LOW       (LOW),
        .HIGH      (HIGH)
      ) u_finish (
        .clk, .enable,
        .total(total_q),
        .word (word_q),
        .y    (result[OUT_BITS*i+:OUT_BITS])
      );
    end
  end

  algean_mask #(
    .BITS    (OUT_BITS),
    .LANES   (LANES),
    .ELEMENTS(ELEMENTS)
  ) u_mask (
    .clk, .rst,
    .step  (m_valid && m_ready),
    .mark  (m_mark),
    .data  (result),
    .masked(m_data)
  );

endmodule
