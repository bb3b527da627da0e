// Control of units that multiply vectors with constants: two vectors' buffer, and the walk over folds and rounds.
//
// Input: vectors of FOLDS beats of WORD bits; s_last is with the last beat of a tensor. While one vector is read, the
// next one comes. Each vector is walked ROUNDS times, or where ONCE is set a single time, the rounds going on with the
// vectors (depthwise: a vector is the taps of a block of channels).
//   step       a fold is read; its word is `data` in the next cycle, its constants' address is `address`
//   first, group, last, mark   with it: a group's first fold; its last; the last of a tensor; or instead a marker
//   room, reserve, reserve_beats   of algean_requantise: a group begins only where its beats have room, then runs
//              through; FULL beats, SHORT those of the last round
//   boundary   the next group is the first of an inference; `hold` keeps it from beginning
// Cycles: FOLDS * ROUNDS a vector (ONCE: FOLDS), vectors without a gap. A marker takes FOLDS cycles.
module algean_matvec_control #(
  parameter int unsigned WORD = 8,
  parameter int unsigned FOLDS = 4,
  parameter int unsigned ROUNDS = 2,
  parameter int unsigned ONCE = 0,
  parameter int unsigned FULL = 1,
  parameter int unsigned SHORT = 1,
  localparam int unsigned AB = (FOLDS * ROUNDS > 1) ? $clog2(FOLDS * ROUNDS) : 1,
  localparam int unsigned RB = $clog2(FULL + 1)
) (
  input logic clk,
  input logic rst,
  input logic [WORD-1:0] s_data,
  input logic s_last,
  input logic s_mark,
  input logic s_valid,
  output logic s_ready,
  input logic room,
  output logic reserve,
  output logic [RB-1:0] reserve_beats,
  input logic hold,
  output logic boundary,
  output logic step,
  output logic [AB-1:0] address,
  output logic [WORD-1:0] data,
  output logic first,
  output logic group,
  output logic last,
  output logic mark
);
  localparam int unsigned FB = (FOLDS > 1) ? $clog2(FOLDS) : 1;
  localparam int unsigned NB = (ROUNDS > 1) ? $clog2(ROUNDS) : 1;
  localparam int unsigned MB = $clog2(2 * FOLDS);
  if (FOLDS < 1 || ROUNDS < 1 || WORD < 1 || SHORT < 1 || SHORT > FULL)
    $error("algean_matvec_control: sizes must be at least 1, SHORT at most FULL");

  // --- Two slots: each empty, or a whole vector, or a marker.
  logic [1:0] full, last_in, mark_in;
  logic write_slot, read_slot, slot_done, take;
  logic [FB-1:0] write_fold;
  logic [MB-1:0] write_at, read_at;
  logic [WORD-1:0] memory[2*FOLDS];
  assign s_ready = !full[write_slot];
  assign take = s_valid && s_ready;
  assign write_at = MB'(write_fold) + (write_slot ? MB'(FOLDS) : '0);
  always_ff @(posedge clk) begin
    if (rst) begin
      full <= '0;
      write_slot <= 1'b0;
      write_fold <= '0;
    end else begin
      if (slot_done) full[read_slot] <= 1'b0;
      if (take) begin
        last_in[write_slot] <= s_last;
        mark_in[write_slot] <= s_mark;
        write_fold <= write_fold + 1'b1;
        if (s_mark || write_fold == FB'(FOLDS - 1)) begin
          write_fold <= '0;
          write_slot <= !write_slot;
          full[write_slot] <= 1'b1;
        end
      end
    end
    if (take) memory[write_at] <= s_data;
    data <= memory[read_at];
  end

  // --- The walk.
  logic [FB-1:0] fold;
  logic [NB-1:0] round;
  logic fold_end, round_end, running, is_mark, fresh;
  assign fold_end = fold == FB'(FOLDS - 1);
  assign round_end = round == NB'(ROUNDS - 1);
  assign is_mark = mark_in[read_slot];
  assign running = fold != '0 || (full[read_slot] && room && !(hold && boundary && !is_mark));
  assign reserve = running && fold == '0;
  assign reserve_beats = is_mark ? RB'(1) : round_end ? RB'(SHORT) : RB'(FULL);
  assign boundary = fresh && fold == '0;
  assign step = running && !is_mark;
  assign first = fold == '0;
  assign group = step && fold_end;
  assign last = round_end && last_in[read_slot];
  assign mark = running && is_mark && fold_end;
  assign slot_done = running && fold_end && (is_mark || round_end || ONCE != 0);
  assign read_at = MB'(fold) + (read_slot ? MB'(FOLDS) : '0);
  always_ff @(posedge clk) begin
    if (rst) begin
      fold <= '0;
      round <= '0;
      address <= '0;
      read_slot <= 1'b0;
      fresh <= 1'b1;
    end else if (running) begin
      fold <= fold_end ? '0 : fold + 1'b1;
      if (step) begin
        address <= (fold_end && round_end) ? '0 : address + 1'b1;
        if (fold_end) round <= round_end ? '0 : round + 1'b1;
        fresh <= group && last;
      end
      if (mark) begin
        address <= '0;
        round <= '0;
        fresh <= 1'b1;
      end
      if (slot_done) read_slot <= !read_slot;
    end
  end
endmodule
