// The form of algean_repack for outputs of one granule: the input beat waits while its granules leave one by one.
//
// Parameters: WIDTH 1.. (bits of a granule); IN 2.. (granules of an input beat); IN_ROW 1.. (granules of an input row)
// Cycles:     a granule a cycle; latency 0 (no register: valid, data and ready pass within the cycle)
module algean_repack_narrow #(
    parameter int unsigned WIDTH  = 8,
    parameter int unsigned IN     = 2,
    parameter int unsigned IN_ROW = 4
) (
    input  logic                clk,
    input  logic                rst,
    input  logic [WIDTH*IN-1:0] s_data,
    input  logic                s_last,
    input  logic                s_mark,
    input  logic                s_valid,
    output logic                s_ready,
    output logic [   WIDTH-1:0] m_data,
    output logic                m_last,
    output logic                m_mark,
    output logic                m_valid,
    input  logic                m_ready
);

  if (WIDTH < 1 || IN < 2 || IN_ROW < 1) $error("algean_repack_narrow: WIDTH 1.., IN 2.., IN_ROW 1..");

  localparam int unsigned BEATS = (IN_ROW + IN - 1) / IN;  // of a row
  localparam int unsigned TAIL = IN_ROW - (BEATS - 1) * IN;  // granules in a row's last beat
  localparam int unsigned PLACE_BITS = $clog2(IN);

  logic [PLACE_BITS-1:0] place, final_place;

  if (TAIL == IN) begin : gen_whole
    assign final_place = PLACE_BITS'(IN - 1);
  end else if (BEATS == 1) begin : gen_only
    assign final_place = PLACE_BITS'(TAIL - 1);
  end else begin : gen_tail
    localparam int unsigned BEAT_BITS = $clog2(BEATS);
    logic [BEAT_BITS-1:0] beat;  // of the row
    assign final_place = beat == BEAT_BITS'(BEATS - 1) ? PLACE_BITS'(TAIL - 1) : PLACE_BITS'(IN - 1);
    always_ff @(posedge clk) begin
      if (s_valid && s_ready) beat <= s_last || beat == BEAT_BITS'(BEATS - 1) ? '0 : beat + 1'b1;
      if (rst) beat <= '0;
    end
  end

  logic final_granule;
  assign final_granule = s_mark || place == final_place;

  always_comb begin
    m_data = '0;
    for (int unsigned i = 0; i < IN; i++) begin
      if (place == PLACE_BITS'(i)) m_data = s_data[i*WIDTH+:WIDTH];
    end
  end
  assign m_last  = s_last && final_granule;
  assign m_mark  = s_mark;
  assign m_valid = s_valid;
  assign s_ready = m_ready && final_granule;

  always_ff @(posedge clk) begin
    if (m_valid && m_ready) place <= final_granule ? '0 : place + 1'b1;
    if (rst) place <= '0;
  end

endmodule
