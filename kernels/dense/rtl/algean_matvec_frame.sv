// All of a unit of algean_matvec's kind but the products: control, loader and requantisation around a datapath.
//
// The datapath takes step, first, group, bank, address, and data a cycle later; it gives the SUMS sums of a group LATENCY
// cycles after the step of the group's last fold. Parameters and ports: algean_matvec, algean_matvec_control,
// algean_requantise, algean_weight_loader.
module algean_matvec_frame #(
  parameter int unsigned WORD = 16,
  parameter int unsigned FOLDS = 3,
  parameter int unsigned ROUNDS = 3,
  parameter int unsigned ONCE = 0,
  parameter int unsigned SUMS = 2,
  parameter int unsigned LANES = 1,
  parameter int unsigned OUTPUTS = 5,
  parameter int unsigned BITS = 8,
  parameter int unsigned ACCUMULATOR_BITS = 24,
  parameter int unsigned ARITHMETIC = 0,
  parameter int signed SHIFT_LOW = 1,
  parameter int signed SHIFT_HIGH = 30,
  parameter int signed ZERO = 0,
  parameter int signed LOW = -128,
  parameter int signed HIGH = 127,
  parameter int unsigned LATENCY = 5,
  parameter int unsigned LOADABLE = 0,
  parameter int unsigned WEIGHT_WORD = 32,
  parameter CONSTANTS = "",
  localparam int unsigned DEPTH = FOLDS * ROUNDS,
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1,
  localparam int unsigned KB = (WEIGHT_WORD > 64) ? $clog2((WEIGHT_WORD + 63) / 64) : 1
) (
  input logic clk,
  input logic rst,
  input logic [31:0] w_data,
  input logic w_last,
  input logic w_valid,
  output logic w_ready,
  output logic error,
  input logic [WORD-1:0] s_data,
  input logic s_last,
  input logic s_mark,
  input logic s_valid,
  output logic s_ready,
  output logic step,
  output logic first,
  output logic group,
  output logic bank,
  output logic [AB-1:0] address,
  output logic [WORD-1:0] data,
  output logic load_bank,
  output logic load_weight,
  output logic [AB-1:0] weight_address,
  output logic [KB-1:0] weight_column,
  output logic [63:0] load_data,
  input logic [SUMS*ACCUMULATOR_BITS-1:0] sums,
  output logic [BITS*LANES-1:0] m_data,
  output logic m_last,
  output logic m_mark,
  output logic m_valid,
  input logic m_ready
);
  localparam int unsigned FULL = SUMS / LANES;  // beats of a group
  localparam int unsigned BEATS = (OUTPUTS + LANES - 1) / LANES;
  localparam int unsigned SHORT = BEATS - (ROUNDS - 1) * FULL;
  localparam int unsigned RB = $clog2(FULL + 1);
  localparam int unsigned MB = (ARITHMETIC == 0) ? 17 : 31;
  localparam int unsigned CB = ACCUMULATOR_BITS + MB + 6;
  localparam int unsigned AC = (BEATS > 1) ? $clog2(BEATS) : 1;
  localparam int unsigned KC = (LANES * CB > 64) ? $clog2((LANES * CB + 63) / 64) : 1;
  // A group's beats are reserved from its first fold until they have left: so many groups are under way.
  localparam int unsigned FLIGHT = FOLDS + LATENCY + ((ARITHMETIC == 0) ? 5 : 7) + 6 + FULL;
  localparam int unsigned GROUPS = (FLIGHT + FOLDS - 1) / FOLDS + 1;

  if (FULL > FOLDS) $error("algean_matvec_frame: a group must leave in as many cycles as it has folds: LANES is too low");
  if (OUTPUTS <= (ROUNDS - 1) * SUMS || OUTPUTS > ROUNDS * SUMS)
    $error("algean_matvec_frame: ROUNDS must be ceil(OUTPUTS / SUMS)");

  logic room, reserve, hold, boundary, last, mark, load_constant;
  logic [RB-1:0] reserve_beats;
  logic [AC-1:0] constant_address;
  logic [KC-1:0] constant_column;

  algean_matvec_control #(
    .WORD(WORD), .FOLDS(FOLDS), .ROUNDS(ROUNDS), .ONCE(ONCE), .FULL(FULL), .SHORT(SHORT)
  ) u_control (
    .clk, .rst, .s_data, .s_last, .s_mark, .s_valid, .s_ready, .room, .reserve, .reserve_beats, .hold, .boundary,
    .step, .address, .data, .first, .group, .last, .mark
  );

  if (LOADABLE != 0) begin : gen_loader
    algean_weight_loader #(
      .WEIGHT_BITS(WEIGHT_WORD), .WEIGHT_WORDS(DEPTH), .CONSTANT_BITS(LANES * CB), .CONSTANT_WORDS(BEATS),
      .FLIGHT(FLIGHT)
    ) u_loader (
      .clk, .rst, .w_data, .w_last, .w_valid, .w_ready, .error, .boundary, .hold, .bank, .load_bank, .load_weight,
      .weight_address, .weight_column, .load_constant, .constant_address, .constant_column, .load_data
    );
  end else begin : gen_fixed
    logic unused_load;
    assign {w_ready, error, hold, bank, load_bank, load_weight, load_constant} = '0;
    assign weight_address = '0;
    assign weight_column = '0;
    assign constant_address = '0;
    assign constant_column = '0;
    assign load_data = '0;
    assign unused_load = &{1'b0, w_data, w_last, w_valid, boundary};
  end

  // The group's flags wait for its sums.
  logic [LATENCY-1:0] group_at, last_at, mark_at, bank_at;
  always_ff @(posedge clk) begin
    group_at <= rst ? '0 : {group_at[LATENCY-2:0], group || mark};
    mark_at <= {mark_at[LATENCY-2:0], mark};
    last_at <= {last_at[LATENCY-2:0], last};
    bank_at <= {bank_at[LATENCY-2:0], bank};
  end

  algean_requantise #(
    .SUMS(SUMS), .LANES(LANES), .OUTPUTS(OUTPUTS), .BITS(BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
    .ARITHMETIC(ARITHMETIC), .SHIFT_LOW(SHIFT_LOW), .SHIFT_HIGH(SHIFT_HIGH), .ZERO(ZERO), .LOW(LOW), .HIGH(HIGH),
    .DEPTH((GROUPS * FULL < 2) ? 2 : GROUPS * FULL), .LOADABLE(LOADABLE), .IMAGE(CONSTANTS)
  ) u_requantise (
    .clk, .rst, .in_valid(group_at[LATENCY-1]), .in_mark(mark_at[LATENCY-1]), .in_last(last_at[LATENCY-1]),
    .in_bank(bank_at[LATENCY-1]), .in_sums(sums), .room, .reserve, .reserve_beats, .load(load_constant), .load_bank,
    .load_address(constant_address), .load_column(constant_column), .load_data, .m_data, .m_last, .m_mark, .m_valid,
    .m_ready
  );
endmodule
