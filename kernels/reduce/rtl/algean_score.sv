// What a pair of codes adds to a score (kernels/reduce/README.md), for algean_reduce to sum up.
//
//     RULE 0   (MULTIPLIER_0 * (a - ZERO_0) - MULTIPLIER_1 * (b - ZERO_1))^2          mean_squared_error
//     RULE 1   table[a] + table[256 + b], entries 0..2^31 - 1, by unsigned byte        kl_divergence
//
// Parameters: LANES pairs a beat, ELEMENTS of a row (each 1 or more); OUT_BITS of the result, two's complement, which holds
// every result; MULTIPLIER_0, MULTIPLIER_1 1..4096; IMAGE 512 words of 32 bits.
// One beat a cycle; latency 3 cycles (rule 0) or 2 (1). `error`: lasts that disagree.
module algean_score #(
  parameter int unsigned LANES        = 1,
  parameter int unsigned ELEMENTS     = 1,
  parameter int unsigned RULE         = 0,
  parameter int unsigned OUT_BITS     = 44,
  parameter int          MULTIPLIER_0 = 1,
  parameter int          MULTIPLIER_1 = 1,
  parameter int          ZERO_0       = 0,
  parameter int          ZERO_1       = 0,
  parameter              IMAGE        = ""
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [16*LANES-1:0]       s_data,
  input  logic [1:0]                s_last,
  input  logic [1:0]                s_mark,
  input  logic [1:0]                s_valid,
  output logic [1:0]                s_ready,
  output logic [OUT_BITS*LANES-1:0] m_data,
  output logic                      m_last,
  output logic                      m_mark,
  output logic                      m_valid,
  input  logic                      m_ready,
  output logic                      error
);

  if (LANES < 1 || ELEMENTS < 1) $error("algean_score: LANES and ELEMENTS must be at least 1");
  if (RULE > 1) $error("algean_score: RULE must be 0 or 1");
  if (OUT_BITS < 18 || OUT_BITS > 48) $error("algean_score: OUT_BITS must lie in 18..48");

  logic                      last, mark, valid, ready, enable;
  logic [OUT_BITS*LANES-1:0] result;

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

  algean_pipe #(
    .STAGES(RULE == 0 ? 3 : 2)
  ) u_pipe (
    .clk, .rst,
    .s_last (last),
    .s_mark (mark),
    .s_valid(valid),
    .s_ready(ready),
    .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    logic signed [7:0] a, b;
    assign a = s_data[8*i+:8];
    assign b = s_data[8*(LANES+i)+:8];
    if (RULE == 0) begin : gen_square
      localparam int unsigned Bits = (OUT_BITS + 1) / 2 + 1;  // of a difference
      logic signed [8:0]          a_centred, b_centred;
      logic signed [Bits-1:0]     a_q, b_q, difference_q;
      logic signed [OUT_BITS-1:0] square_q;
      assign a_centred = 9'(a) - 9'(ZERO_0);
      assign b_centred = 9'(b) - 9'(ZERO_1);
      always_ff @(posedge clk) begin
        if (enable) begin
          a_q          <= Bits'(a_centred) * Bits'(MULTIPLIER_0);
          b_q          <= Bits'(b_centred) * Bits'(MULTIPLIER_1);
          difference_q <= a_q - b_q;
          square_q     <= OUT_BITS'(difference_q) * OUT_BITS'(difference_q);
        end
      end
      assign result[OUT_BITS*i+:OUT_BITS] = square_q;
    end else begin : gen_tables
      logic [31:0] table_a [512];
      logic [31:0] table_b [512];
      logic [31:0] a_q, b_q;
      logic [OUT_BITS-1:0] sum_q;
      initial begin
        if (IMAGE != "") begin
          $readmemh(IMAGE, table_a);
          $readmemh(IMAGE, table_b);
        end
      end
      always_ff @(posedge clk) begin
        if (enable) begin
          a_q   <= table_a[{1'b0, a}];
          b_q   <= table_b[{1'b1, b}];
          sum_q <= OUT_BITS'(a_q) + OUT_BITS'(b_q);
        end
      end
      assign result[OUT_BITS*i+:OUT_BITS] = sum_q;
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
