// Softmax or log_softmax over rows, in three passes over a row that it keeps: the largest code while the row comes
// in, the sum of the exponentials of all distances to it, and each element's code.
//
// Parameters: ELEMENTS of a row, 1..2^20; RULE 0 `scaled`, 1 `tflite` (at most 4095 elements), 2 log_softmax;
// EXPONENTIALS 256 words of 32 bits, by the distance to the largest code; STEP, ZERO_Y, LOGARITHMS of rule 2
// (algean_softmax_log).
// One element a beat. A row of n elements takes 2 * n + 3 + PREPARE + n * EACH cycles, with PREPARE 1, 30, 4 and EACH
// 14, 8, 6 cycles for rules 0, 1, 2; its last beat leaves then, and the next row comes in after it.
module algean_softmax #(
  parameter int unsigned ELEMENTS     = 1,
  parameter int unsigned RULE         = 0,
  parameter              EXPONENTIALS = "",
  parameter int          STEP         = 1,
  parameter int          ZERO_Y       = 0,
  parameter              LOGARITHMS   = ""
) (
  input  logic       clk,
  input  logic       rst,
  input  logic [7:0] s_data,
  input  logic       s_last,
  input  logic       s_mark,
  input  logic       s_valid,
  output logic       s_ready,
  output logic [7:0] m_data,
  output logic       m_last,
  output logic       m_mark,
  output logic       m_valid,
  input  logic       m_ready
);

  if (ELEMENTS < 1 || ELEMENTS > 1048576) $error("algean_softmax: ELEMENTS must lie in 1..2^20");
  if (RULE > 2) $error("algean_softmax: RULE must lie in 0..2");
  if (RULE == 1 && ELEMENTS > 4095) $error("algean_softmax: rule 1 takes at most 4095 elements");

  localparam int unsigned IndexBits = ELEMENTS > 1 ? $clog2(ELEMENTS) : 1;
  localparam int unsigned SumBits = RULE == 1 ? 32 : 22 + $clog2(ELEMENTS);
  localparam logic [2:0] Load = 3'd0, Sum = 3'd1, Settle = 3'd2, Prepare = 3'd3, Read = 3'd4, Look = 3'd5, Work = 3'd6,
      Give = 3'd7;

  logic [31:0] exponentials [256];
  initial if (EXPONENTIALS != "") $readmemh(EXPONENTIALS, exponentials);

  logic signed [7:0]    largest_q;
  logic [7:0]           code_q, distance, distance_q, y, y_q;
  logic [31:0]          exponential_q;
  logic [2:0]           state_q, state_d;
  logic [IndexBits-1:0] index_q;
  logic [SumBits-1:0]   sum_q, addend;
  logic [1:0]           reading_q;  // codes, then exponentials, of the sum on their way
  logic                 at_end, steps, last_q, prepare_q, prepared, start_q, done;

  assign at_end   = index_q == IndexBits'(ELEMENTS - 1);
  assign distance = 8'(largest_q) - code_q;
  assign addend   = RULE == 1 ? SumBits'((33'(exponential_q) + 33'd2048) >> 12) : SumBits'(exponential_q);

  assign m_mark  = state_q == Load && s_mark;
  assign m_valid = state_q == Give || (m_mark && s_valid);
  assign m_last  = m_mark || (last_q && at_end);
  assign m_data  = m_mark ? '0 : y_q;
  assign s_ready = state_q == Load && (!s_mark || m_ready);

  always_comb begin
    state_d = state_q;
    steps   = 1'b0;
    case (state_q)
      Load: begin
        steps = s_valid && !s_mark;
        if (steps && at_end) state_d = Sum;
      end
      Sum: begin
        steps = 1'b1;
        if (at_end) state_d = Settle;
      end
      Settle:  if (reading_q == '0) state_d = Prepare;
      Prepare: if (prepared) state_d = Read;
      Read:    state_d = Look;
      Look:    state_d = Work;
      Work:    if (done) state_d = Give;
      default: begin
        steps = m_ready;
        if (m_ready) state_d = at_end ? Load : Read;
      end
    endcase
  end

  always_ff @(posedge clk) begin
    state_q   <= state_d;
    prepare_q <= state_q != Prepare && state_d == Prepare;
    start_q   <= state_q == Look;
    reading_q <= {reading_q[0], state_q == Sum};
    exponential_q <= exponentials[distance];
    distance_q    <= distance;
    if (steps) index_q <= at_end ? '0 : index_q + 1'b1;
    if (state_q == Load && s_valid) begin
      if (index_q == '0 || signed'(s_data) > largest_q) largest_q <= s_data;
      last_q <= s_last;
      sum_q  <= '0;
      if (s_mark) index_q <= '0;
    end
    if (reading_q[1]) sum_q <= sum_q + addend;
    if (done) y_q <= y;
    if (rst) begin
      state_q   <= Load;
      index_q   <= '0;
      reading_q <= '0;
      prepare_q <= 1'b0;
      start_q   <= 1'b0;
    end
  end

  // The row: LUTs, or BRAM where it is long.
  if (ELEMENTS <= 64) begin : gen_short
    (* ram_style = "distributed" *) logic [7:0] row [ELEMENTS];
    always_ff @(posedge clk) begin
      if (state_q == Load && steps) row[index_q] <= s_data;
      code_q <= row[index_q];
    end
  end else begin : gen_long
    (* ram_style = "block" *) logic [7:0] row [ELEMENTS];
    always_ff @(posedge clk) begin
      if (state_q == Load && steps) row[index_q] <= s_data;
      code_q <= row[index_q];
    end
  end

  if (RULE == 0) begin : gen_scaled
    algean_softmax_scaled #(
      .SUM_BITS(SumBits)
    ) u_finish (
      .clk, .rst,
      .prepare(prepare_q),
      .sum    (sum_q),
      .prepared,
      .start  (start_q),
      .exponential(exponential_q),
      .done, .y
    );
  end else if (RULE == 1) begin : gen_tflite
    algean_softmax_tflite u_finish (
      .clk, .rst,
      .prepare(prepare_q),
      .sum    (sum_q),
      .prepared,
      .start  (start_q),
      .exponential(exponential_q),
      .done, .y
    );
  end else begin : gen_log
    algean_softmax_log #(
      .SUM_BITS  (SumBits),
      .STEP      (STEP),
      .ZERO_Y    (ZERO_Y),
      .LOGARITHMS(LOGARITHMS)
    ) u_finish (
      .clk, .rst,
      .prepare(prepare_q),
      .sum    (sum_q),
      .prepared,
      .start  (start_q),
      .distance(distance_q),
      .done, .y
    );
  end

  logic unused;
  assign unused = &{1'b0, distance_q};

endmodule
