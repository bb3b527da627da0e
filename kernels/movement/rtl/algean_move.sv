// A tensor's beats in another order, some more than once or never: two banks of memory, of which one is filled while
// the other is read. The order is that of four nested loops, the first outermost; a beat's place is the sum of what
// each loop's index adds (kernels/movement/copy.hpp), or it is FILLER.
//
// Parameters: LANES elements of BITS bits a beat; BEATS of the input, 1..2^20; ELEMENTS of a row of the output;
// FILLER a code; COUNT_0..COUNT_3 of the loops, OFFSETS_0..OFFSETS_3 their images: COUNT words of 24 bits, bit 23:
// FILLER, else the addend.
// One beat a cycle each way. The output begins 3 cycles after the tensor's last beat was taken.
module algean_move #(
  parameter int unsigned BITS      = 8,
  parameter int unsigned LANES     = 1,
  parameter int unsigned BEATS     = 1,
  parameter int unsigned ELEMENTS  = 1,
  parameter int          FILLER    = 0,
  parameter int unsigned COUNT_0   = 1,
  parameter              OFFSETS_0 = "",
  parameter int unsigned COUNT_1   = 1,
  parameter              OFFSETS_1 = "",
  parameter int unsigned COUNT_2   = 1,
  parameter              OFFSETS_2 = "",
  parameter int unsigned COUNT_3   = 1,
  parameter              OFFSETS_3 = ""
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

  if (BITS < 1 || LANES < 1) $error("algean_move: BITS and LANES must be at least 1");
  if (BEATS < 1 || BEATS > 1048576) $error("algean_move: BEATS must lie in 1..2^20");

  localparam int unsigned IndexBits = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int unsigned AddressBits = $clog2(2 * BEATS);

  logic [BITS*LANES-1:0]  banks [2*BEATS];
  logic [BITS*LANES-1:0]  read_q, data;
  logic [IndexBits-1:0]   index_q;  // of the next beat to be written
  logic [AddressBits-1:0] write_address, place, address_q;
  logic [1:0]             full_q;
  logic                   write_bank_q, read_bank_q, writes, reads, read_end, write_end, mark, ready, enable, room;
  logic                   ended_q;  // address_q is the last place of a bank that is free already
  logic                   is_filler, filler_1_q, filler_2_q;
  logic [23:0]            word_0, word_1, word_2, word_3;
  logic [22:0]            sum;
  logic [3:0]             ends;

  assign write_end     = index_q == IndexBits'(BEATS - 1);
  assign write_address = AddressBits'(index_q) + (write_bank_q ? AddressBits'(BEATS) : '0);
  assign room          = !full_q[write_bank_q] && (enable || !ended_q);
  assign writes        = s_valid && !s_mark && room;
  assign mark          = s_valid && s_mark && !full_q[read_bank_q];
  assign s_ready       = s_mark ? mark && ready : room;
  assign reads         = full_q[read_bank_q] && ready;
  assign read_end      = &ends;

  assign is_filler = word_0[23] || word_1[23] || word_2[23] || word_3[23];
  assign sum       = word_0[22:0] + word_1[22:0] + word_2[22:0] + word_3[22:0];
  assign place     = (is_filler ? '0 : AddressBits'(sum)) + (read_bank_q ? AddressBits'(BEATS) : '0);

  algean_replay #(.BITS(24), .PERIOD(COUNT_0), .IMAGE(OFFSETS_0)) u_loop_0 (
    .clk, .rst, .step(reads && (&ends[3:1])), .restart(1'b0), .at_end(ends[0]), .word(word_0)
  );
  algean_replay #(.BITS(24), .PERIOD(COUNT_1), .IMAGE(OFFSETS_1)) u_loop_1 (
    .clk, .rst, .step(reads && (&ends[3:2])), .restart(1'b0), .at_end(ends[1]), .word(word_1)
  );
  algean_replay #(.BITS(24), .PERIOD(COUNT_2), .IMAGE(OFFSETS_2)) u_loop_2 (
    .clk, .rst, .step(reads && ends[3]), .restart(1'b0), .at_end(ends[2]), .word(word_2)
  );
  algean_replay #(.BITS(24), .PERIOD(COUNT_3), .IMAGE(OFFSETS_3)) u_loop_3 (
    .clk, .rst, .step(reads), .restart(1'b0), .at_end(ends[3]), .word(word_3)
  );

  algean_pipe #(
    .STAGES(2)
  ) u_pipe (
    .clk, .rst,
    .s_last (mark || read_end),
    .s_mark (mark),
    .s_valid(mark || full_q[read_bank_q]),
    .s_ready(ready),
    .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  always_ff @(posedge clk) begin
    if (enable) begin
      address_q  <= place;
      filler_1_q <= is_filler;
      read_q     <= banks[address_q];
      filler_2_q <= filler_1_q;
      ended_q    <= reads && read_end;
    end
    if (writes) begin
      index_q <= write_end ? '0 : index_q + 1'b1;
      if (write_end) begin
        full_q[write_bank_q] <= 1'b1;
        write_bank_q         <= !write_bank_q;
      end
    end
    if (reads && read_end) begin
      full_q[read_bank_q] <= 1'b0;
      read_bank_q         <= !read_bank_q;
    end
    if (rst || (mark && ready)) index_q <= '0;
    if (rst) begin
      ended_q      <= 1'b0;
      full_q       <= '0;
      write_bank_q <= 1'b0;
      read_bank_q  <= 1'b0;
    end
  end

  always_ff @(posedge clk) if (writes) banks[write_address] <= s_data;

  assign data = filler_2_q ? {LANES{BITS'(FILLER)}} : read_q;

  algean_mask #(
    .BITS    (BITS),
    .LANES   (LANES),
    .ELEMENTS(ELEMENTS)
  ) u_mask (
    .clk, .rst,
    .step  (m_valid && m_ready),
    .mark  (m_mark),
    .data,
    .masked(m_data)
  );

  logic unused;
  assign unused = &{1'b0, s_last, sum};

endmodule
