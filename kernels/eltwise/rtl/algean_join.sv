// Two streams of one shape, or a stream and a constant, element by element: add, subtract, average, multiply,
// maximum, minimum.
//
// Parameters: LANES elements a beat, ELEMENTS of a row (each 1 or more); RULE and its numbers (algean_join_lane).
// PERIOD 0: two input streams. PERIOD 1 or more: one input stream, the other operand being CONSTANT, PERIOD words of
// LANES codes that repeat: the beats of a row, or of a tensor.
// One beat a cycle; latency 3 cycles (rules 0 and 1), 2 (2 and 3), 8 (4), 7 (5). `error`: two inputs whose lasts
// disagree.
module algean_join #(
  parameter int unsigned LANES        = 1,
  parameter int unsigned ELEMENTS     = 1,
  parameter int unsigned RULE         = 0,
  parameter int          MULTIPLIER_0 = 1,
  parameter int          MULTIPLIER_1 = 1,
  parameter int          OFFSET       = 0,
  parameter int          SHIFT        = 1,
  parameter int          ZERO_0       = 0,
  parameter int          ZERO_1       = 0,
  parameter int          ZERO_Y       = 0,
  parameter int          LOW          = -128,
  parameter int          HIGH         = 127,
  parameter int unsigned TABLES       = 0,
  parameter              IMAGE        = "",
  parameter int unsigned PERIOD       = 0,
  parameter              CONSTANT     = "",
  localparam int unsigned Inputs      = PERIOD == 0 ? 2 : 1
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [8*LANES*Inputs-1:0] s_data,
  input  logic [Inputs-1:0]         s_last,
  input  logic [Inputs-1:0]         s_mark,
  input  logic [Inputs-1:0]         s_valid,
  output logic [Inputs-1:0]         s_ready,
  output logic [8*LANES-1:0]        m_data,
  output logic                      m_last,
  output logic                      m_mark,
  output logic                      m_valid,
  input  logic                      m_ready,
  output logic                      error
);

  localparam int unsigned Stages = RULE < 2 ? 3 : RULE < 4 ? 2 : RULE == 4 ? 8 : 7;

  if (LANES < 1 || ELEMENTS < 1) $error("algean_join: LANES and ELEMENTS must be at least 1");
  if (RULE > 5) $error("algean_join: RULE must lie in 0..5");

  logic               last, mark, valid, ready, enable;
  logic [8*LANES-1:0] other, result;

  if (PERIOD == 0) begin : gen_streams
    algean_meet #(
      .INPUTS(2)
    ) u_meet (
      .clk, .rst, .s_last, .s_mark, .s_valid, .s_ready,
      .want   (2'b11),
      .may_end(1'b1),
      .m_last (last),
      .m_mark (mark),
      .m_valid(valid),
      .m_ready(ready),
      .error
    );
    assign other = s_data[8*LANES+:8*LANES];
  end else begin : gen_constant
    assign last    = s_last;
    assign mark    = s_mark;
    assign valid   = s_valid;
    assign s_ready = ready;
    assign error   = 1'b0;
    logic unused_end;
    algean_replay #(
      .BITS  (8 * LANES),
      .PERIOD(PERIOD),
      .IMAGE (CONSTANT)
    ) u_constant (
      .clk, .rst,
      .step   (valid && ready),
      .restart(last),
      .at_end (unused_end),
      .word   (other)
    );
  end

  algean_pipe #(
    .STAGES(Stages)
  ) u_pipe (
    .clk, .rst,
    .s_last (last),
    .s_mark (mark),
    .s_valid(valid),
    .s_ready(ready),
    .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    algean_join_lane #(
      .RULE        (RULE),
      .MULTIPLIER_0(MULTIPLIER_0),
      .MULTIPLIER_1(MULTIPLIER_1),
      .OFFSET      (OFFSET),
      .SHIFT       (SHIFT),
      .ZERO_0      (ZERO_0),
      .ZERO_1      (ZERO_1),
      .ZERO_Y      (ZERO_Y),
      .LOW         (LOW),
      .HIGH        (HIGH),
      .TABLES      (TABLES),
      .IMAGE       (IMAGE)
    ) u_lane (
      .clk, .enable,
      .a(s_data[8*i+:8]),
      .b(other[8*i+:8]),
      .y(result[8*i+:8])
    );
  end

  algean_mask #(
    .BITS    (8),
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
