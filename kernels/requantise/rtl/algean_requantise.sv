// From groups of exact sums to a stream of codes: the sums of a group leave in LANES lanes, are requantised and wait in
// a queue.
//
// A row of OUTPUTS codes comes as groups of SUMS sums, the last group filled up with anything. Output: rows of OUTPUTS
// elements in LANES lanes. Whoever makes sums reserves room for them first (`room`, `reserve`), so that nothing behind
// the reservation ever waits.
//   in_valid   a group, or with in_mark a marker; groups are at least SUMS / LANES cycles apart
//   in_last    with the last group of a tensor
//   in_bank    whose constants
//   room       at least SUMS / LANES beats are free; `reserve` takes reserve_beats of them
// Constants: a word for each output beat; of lane i, from bit i * CB on: bias (ACCUMULATOR_BITS), multiplier (17 bits,
// 31 in tflite), shift (6 bits, above SHIFT_LOW). IMAGE is their file; where LOADABLE, two banks are written through
// load_*: 64 bits a column.
//
// Legal: LANES divides SUMS; ARITHMETIC 0 (scaled) or 1 (tflite); what their lanes take. Cycles: a beat a cycle; from
// in_valid to the first beat 9 (scaled) or 11 (tflite) cycles.
module algean_requantise #(
  parameter int unsigned SUMS = 4,
  parameter int unsigned LANES = 2,
  parameter int unsigned OUTPUTS = 6,
  parameter int unsigned BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned ARITHMETIC = 0,
  parameter int signed SHIFT_LOW = 1,
  parameter int signed SHIFT_HIGH = 47,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127,
  parameter int unsigned DEPTH = 32,
  parameter int unsigned LOADABLE = 0,
  parameter IMAGE = "",
  localparam int unsigned FULL = SUMS / LANES,
  localparam int unsigned BEATS = (OUTPUTS + LANES - 1) / LANES,
  localparam int unsigned MB = (ARITHMETIC == 0) ? 17 : 31,
  localparam int unsigned CB = ACCUMULATOR_BITS + MB + 6,
  localparam int unsigned AB = (BEATS > 1) ? $clog2(BEATS) : 1,
  localparam int unsigned RB = $clog2(FULL + 1),
  localparam int unsigned KB = (LANES * CB > 64) ? $clog2((LANES * CB + 63) / 64) : 1
) (
  input logic clk,
  input logic rst,
  input logic in_valid,
  input logic in_mark,
  input logic in_last,
  input logic in_bank,
  input logic [SUMS*ACCUMULATOR_BITS-1:0] in_sums,
  output logic room,
  input logic reserve,
  input logic [RB-1:0] reserve_beats,
  input logic load,
  input logic load_bank,
  input logic [AB-1:0] load_address,
  input logic [KB-1:0] load_column,
  input logic [63:0] load_data,
  output logic [BITS*LANES-1:0] m_data,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input logic m_ready
);
  localparam int unsigned GROUPS = (OUTPUTS + SUMS - 1) / SUMS;
  localparam int unsigned SHORT = BEATS - (GROUPS - 1) * FULL;  // beats of a row's last group
  localparam int unsigned GB = (GROUPS > 1) ? $clog2(GROUPS) : 1;
  localparam int unsigned FB = $clog2(DEPTH + 1);
  localparam int unsigned STAGES = (ARITHMETIC == 0) ? 5 : 7;

  if (LANES < 1 || SUMS % LANES != 0) $error("algean_requantise: LANES must divide SUMS");
  if (ARITHMETIC > 1) $error("algean_requantise: ARITHMETIC must be 0 (scaled) or 1 (tflite)");
  if (DEPTH < FULL || DEPTH < 2) $error("algean_requantise: DEPTH must hold a group");

  // --- Room in the queue, less what is reserved.
  logic [FB-1:0] free;
  logic given;
  assign room = free >= FB'(FULL);
  assign given = m_valid && m_ready;
  always_ff @(posedge clk) begin
    if (rst) free <= FB'(DEPTH);
    else free <= free - (reserve ? FB'(reserve_beats) : '0) + (given ? FB'(1) : '0);
  end

  // --- The group leaves lane by lane.
  logic [SUMS*ACCUMULATOR_BITS-1:0] sums;
  logic [RB-1:0] left;  // beats of the group that are not yet out of `sums`
  logic [GB-1:0] group;
  logic [AB-1:0] beat, next_beat;
  logic last, mark, bank, group_end, row_end;
  assign group_end = group == GB'(GROUPS - 1);
  assign row_end = beat == AB'(BEATS - 1);
  assign next_beat = row_end ? '0 : beat + 1'b1;
  always_ff @(posedge clk) begin
    if (in_valid) begin
      sums <= in_sums;
      last <= in_last;
      mark <= in_mark;
      bank <= in_bank;
      left <= in_mark ? RB'(1) : group_end ? RB'(SHORT) : RB'(FULL);
      group <= (in_mark || group_end) ? '0 : group + 1'b1;
    end else if (left != '0) begin
      sums <= sums >> (LANES * ACCUMULATOR_BITS);
      left <= left - 1'b1;
    end
    if (left != '0) beat <= mark ? '0 : next_beat;
    if (rst) begin
      left <= '0;
      group <= '0;
      beat <= '0;
    end
  end

  // --- Its constants: the memory is read while the sums wait one cycle more.
  logic [LANES*CB-1:0] constants;
  logic [LANES*ACCUMULATOR_BITS-1:0] lane_sums;
  logic [STAGES:0] valid_at, last_at, mark_at, row_end_at;
  algean_constant_memory #(
    .WORD(LANES * CB), .DEPTH(BEATS), .LOADABLE(LOADABLE), .IMAGE(IMAGE)
  ) u_constants (
    .clk, .bank, .address(beat), .word(constants), .load, .load_bank, .load_address, .load_column, .load_data
  );
  always_ff @(posedge clk) begin
    lane_sums <= sums[LANES*ACCUMULATOR_BITS-1:0];
    valid_at <= rst ? '0 : {valid_at[STAGES-1:0], left != '0};
    last_at <= {last_at[STAGES-1:0], last && row_end};
    mark_at <= {mark_at[STAGES-1:0], mark};
    row_end_at <= {row_end_at[STAGES-1:0], row_end};
  end

  // --- Lanes; those behind a row's last element give zero.
  localparam int unsigned USED = OUTPUTS - (BEATS - 1) * LANES;
  logic [BITS*LANES-1:0] codes, masked;
  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    if (ARITHMETIC == 0) begin : gen_scaled
      algean_requantise_scaled #(
        .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .BITS(BITS), .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH),
        .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH)
      ) u_lane (
        .clk,
        .acc(lane_sums[ACCUMULATOR_BITS*i+:ACCUMULATOR_BITS]),
        .bias(constants[CB*i+:ACCUMULATOR_BITS]),
        .multiplier(constants[CB*i+ACCUMULATOR_BITS+:MB]),
        .shift(constants[CB*i+ACCUMULATOR_BITS+MB+:6]),
        .y(codes[BITS*i+:BITS])
      );
    end else begin : gen_tflite
      algean_requantise_tflite #(
        .ACCUMULATOR_BITS(ACCUMULATOR_BITS), .BITS(BITS), .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH),
        .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH)
      ) u_lane (
        .clk,
        .acc(lane_sums[ACCUMULATOR_BITS*i+:ACCUMULATOR_BITS]),
        .bias(constants[CB*i+:ACCUMULATOR_BITS]),
        .multiplier(constants[CB*i+ACCUMULATOR_BITS+:MB]),
        .shift(constants[CB*i+ACCUMULATOR_BITS+MB+:6]),
        .y(codes[BITS*i+:BITS])
      );
    end
    if (i < USED) begin : gen_used
      assign masked[BITS*i+:BITS] = mark_at[STAGES] ? '0 : codes[BITS*i+:BITS];
    end else begin : gen_not_last
      assign masked[BITS*i+:BITS] = (mark_at[STAGES] || row_end_at[STAGES]) ? '0 : codes[BITS*i+:BITS];
    end
  end

  logic queue_ready;
  algean_fifo #(
    .BITS(BITS), .LANES(LANES), .DEPTH(DEPTH)
  ) u_queue (
    .clk, .rst,
    .s_data(masked), .s_last(last_at[STAGES] || mark_at[STAGES]), .s_mark(mark_at[STAGES]),
    .s_valid(valid_at[STAGES]), .s_ready(queue_ready),
    .m_data, .m_last, .m_mark, .m_valid, .m_ready
  );

  logic unused_bits;
  assign unused_bits = &{1'b0, queue_ready, row_end_at};
endmodule
