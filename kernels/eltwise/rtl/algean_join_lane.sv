// One lane of algean_join: from two codes to one, by the rule RULE (kernels/eltwise/README.md).
//
//     0 sum             clamp(ZERO_Y + ((a * MULTIPLIER_0 + b * MULTIPLIER_1 + OFFSET) >> SHIFT)); OFFSET
//                       holds the zero points and the rounding half
//     1 product         clamp(ZERO_Y + (((a - ZERO_0) * (b - ZERO_1) * MULTIPLIER_0 + OFFSET) >> SHIFT))
//     2 maximum         of a and b, or with TABLES of table[a] and table[256 + b], where codes count as unsigned bytes
//     3 minimum         the same
//     4 tflite sum      clamp(ZERO_Y + MBQM(table[a] + table[256 + b], MULTIPLIER_0, SHIFT)), entries of 30 bits
//     5 tflite product  clamp(ZERO_Y + MBQM((a - ZERO_0) * (b - ZERO_1), MULTIPLIER_0, SHIFT))
//
// Parameters: as above; MULTIPLIER_0 and MULTIPLIER_1 of rules 0 and 1 have 15 bits and a sign, SHIFT lies in 1..24
// (of rules 4 and 5 in -31..30); TABLES 0 or 1, IMAGE the 512 entries; LOW and HIGH the codes of the clamp.
// One pair each cycle that `enable` is high; algean_join knows the latency.
module algean_join_lane #(
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
  parameter              IMAGE        = ""
) (
  input  logic              clk,
  input  logic              enable,
  input  logic signed [7:0] a,
  input  logic signed [7:0] b,
  output logic signed [7:0] y
);

  if (RULE > 5) $error("algean_join_lane: RULE must lie in 0..5");
  if (RULE < 2 && (SHIFT < 1 || SHIFT > 24)) $error("algean_join_lane: SHIFT must lie in 1..24");
  if (RULE == 4 && TABLES != 1) $error("algean_join_lane: rule 4 needs TABLES");

  localparam int          Zero      = RULE == 2 || RULE == 3 ? 0 : ZERO_Y;
  localparam int unsigned EntryBits = RULE == 4 ? 30 : 8;

  logic signed [8:0]           a_centred, b_centred;
  logic signed [EntryBits-1:0] a_entry_q, b_entry_q;  // rules 2 to 4, after one cycle
  logic signed [32:0]          value;                 // before ZERO_Y and the clamp
  logic signed [33:0]          moved;

  assign a_centred = 9'(a) - 9'(ZERO_0);
  assign b_centred = 9'(b) - 9'(ZERO_1);

  if (TABLES == 1) begin : gen_tables
    logic [EntryBits-1:0] table_a [512];
    logic [EntryBits-1:0] table_b [512];
    initial begin
      if (IMAGE != "") begin
        $readmemh(IMAGE, table_a);
        $readmemh(IMAGE, table_b);
      end
    end
    always_ff @(posedge clk) begin
      if (enable) begin
        a_entry_q <= table_a[{1'b0, a}];
        b_entry_q <= table_b[{1'b1, b}];
      end
    end
  end else begin : gen_plain
    always_ff @(posedge clk) begin
      if (enable) begin
        a_entry_q <= EntryBits'(a);
        b_entry_q <= EntryBits'(b);
      end
    end
  end

  if (RULE == 0) begin : gen_sum
    logic signed [23:0] a_product_q, b_product_q;
    logic signed [32:0] sum_q;
    always_ff @(posedge clk) begin
      if (enable) begin
        a_product_q <= 24'(a) * 24'(MULTIPLIER_0);
        b_product_q <= 24'(b) * 24'(MULTIPLIER_1);
        sum_q       <= 33'(a_product_q) + 33'(b_product_q) + 33'(OFFSET);
      end
    end
    assign value = sum_q >>> SHIFT;
  end else if (RULE == 1) begin : gen_product
    logic signed [17:0] product_q;
    logic signed [32:0] scaled_q;
    always_ff @(posedge clk) begin
      if (enable) begin
        product_q <= 18'(a_centred) * 18'(b_centred);
        scaled_q  <= 33'(product_q) * 33'(MULTIPLIER_0) + 33'(OFFSET);
      end
    end
    assign value = scaled_q >>> SHIFT;
  end else if (RULE == 2 || RULE == 3) begin : gen_extreme
    logic takes_a;
    assign takes_a = (a_entry_q > b_entry_q) == (RULE == 2);
    assign value   = takes_a ? 33'(a_entry_q) : 33'(b_entry_q);
  end else begin : gen_tflite
    logic signed [30:0] x_q;
    logic signed [31:0] rescaled;
    if (RULE == 4) begin : gen_entries
      always_ff @(posedge clk) if (enable) x_q <= 31'(a_entry_q) + 31'(b_entry_q);
    end else begin : gen_centred
      always_ff @(posedge clk) if (enable) x_q <= 31'(a_centred) * 31'(b_centred);
    end
    algean_mbqm #(
      .X_BITS(31)
    ) u_mbqm (
      .clk,
      .enable,
      .x         (x_q),
      .multiplier(31'(MULTIPLIER_0)),
      .shift     (8'(SHIFT)),
      .y         (rescaled)
    );
    assign value = 33'(rescaled);
  end

  assign moved = 34'(value) + 34'(Zero);
  always_ff @(posedge clk) begin
    if (enable) y <= moved < 34'(LOW) ? 8'(LOW) : moved > 34'(HIGH) ? 8'(HIGH) : 8'(moved);
  end

  logic unused;
  assign unused = &{1'b0, a_centred, b_centred, a_entry_q, b_entry_q};

endmodule
