// The general form of algean_repack: granules wait in a store, input beats are laid behind them, output beats are cut off
// in front. A row's last beat holds the rest of its row.
//
// Parameters: WIDTH 1.. (bits of a granule); IN 1.., OUT 1.. (granules of a beat); IN_ROW 1.., OUT_ROW 1.. (granules of a row)
// Cycles:     a beat a cycle on the side that has more of them; latency 1
// An input beat with s_last ends the output too, in a beat of its own.
module algean_repack_gearbox #(
    parameter int unsigned WIDTH   = 8,
    parameter int unsigned IN      = 2,
    parameter int unsigned IN_ROW  = 6,
    parameter int unsigned OUT     = 3,
    parameter int unsigned OUT_ROW = 6
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic [ WIDTH*IN-1:0] s_data,
    input  logic                 s_last,
    input  logic                 s_mark,
    input  logic                 s_valid,
    output logic                 s_ready,
    output logic [WIDTH*OUT-1:0] m_data,
    output logic                 m_last,
    output logic                 m_mark,
    output logic                 m_valid,
    input  logic                 m_ready
);

  if (WIDTH < 1 || IN < 1 || OUT < 1 || IN_ROW < 1 || OUT_ROW < 1)
    $error("algean_repack_gearbox: every parameter is at least 1");

  localparam int unsigned STORE = IN + OUT - 1;
  localparam int unsigned COUNT_BITS = $clog2(STORE + IN + 1);
  localparam int unsigned IN_BEATS = (IN_ROW + IN - 1) / IN;  // of a row
  localparam int unsigned IN_TAIL = IN_ROW - (IN_BEATS - 1) * IN;  // granules in a row's last beat
  localparam int unsigned OUT_BEATS = (OUT_ROW + OUT - 1) / OUT;
  localparam int unsigned OUT_TAIL = OUT_ROW - (OUT_BEATS - 1) * OUT;
  localparam int unsigned IN_BEAT_BITS = IN_BEATS > 1 ? $clog2(IN_BEATS) : 1;
  localparam int unsigned OUT_BEAT_BITS = OUT_BEATS > 1 ? $clog2(OUT_BEATS) : 1;

  logic [WIDTH*STORE-1:0] store;
  logic [COUNT_BITS-1:0] count;  // granules in the store
  logic [COUNT_BITS-1:0] until_end;  // of them, those of the inference whose last beat came; 0: it did not come
  logic [IN_BEAT_BITS-1:0] in_beat;  // of the row
  logic [OUT_BEAT_BITS-1:0] out_beat;
  logic marker;  // the output is a marker; the store is empty

  logic in_row_end, out_row_end, ending, final_beat, take, give, room;
  logic [COUNT_BITS-1:0] brings, wants, leaves, kept;

  // Output: a whole beat, or what there is of an inference that ends.
  assign out_row_end = out_beat == OUT_BEAT_BITS'(OUT_BEATS - 1);
  assign wants       = out_row_end ? COUNT_BITS'(OUT_TAIL) : COUNT_BITS'(OUT);
  assign ending      = until_end != '0;
  assign final_beat  = ending && until_end <= wants;
  assign leaves      = final_beat ? until_end : wants;
  assign m_valid     = marker || final_beat || count >= wants;
  assign m_mark      = marker;
  assign m_last      = marker || final_beat;
  assign give        = m_valid && m_ready;

  // Input: where it fits behind what stays. One end at a time is in the store (a marker has s_last too). A marker waits for
  // the output.
  assign kept       = give && !marker ? count - leaves : count;
  assign room       = kept <= COUNT_BITS'(STORE - IN) && !(s_last && ending && !(final_beat && give));
  assign s_ready    = marker ? m_ready : s_mark ? room && (give || !m_valid) : room;
  assign take       = s_valid && s_ready;
  assign in_row_end = in_beat == IN_BEAT_BITS'(IN_BEATS - 1);
  assign brings     = in_row_end ? COUNT_BITS'(IN_TAIL) : COUNT_BITS'(IN);

  for (genvar i = 0; i < OUT; i++) begin : gen_out
    assign m_data[i*WIDTH+:WIDTH] = !marker && leaves > COUNT_BITS'(i) ? store[i*WIDTH+:WIDTH] : '0;
  end

  for (genvar i = 0; i < STORE; i++) begin : gen_store
    logic [WIDTH-1:0] stays, comes;
    always_comb begin
      stays = store[i*WIDTH+:WIDTH];
      if (give) begin
        stays = '0;
        for (int unsigned j = 1; j <= OUT; j++) begin
          if (i + j < STORE && leaves == COUNT_BITS'(j)) stays = store[((i+j)%STORE)*WIDTH+:WIDTH];
        end
      end
      comes = '0;
      for (int unsigned j = 0; j < IN; j++) begin
        if (i >= j && kept == COUNT_BITS'(i - j)) comes = s_data[j*WIDTH+:WIDTH];
      end
    end
    always_ff @(posedge clk) store[i*WIDTH+:WIDTH] <= COUNT_BITS'(i) < kept ? stays : comes;
  end

  always_ff @(posedge clk) begin
    count <= kept + (take ? brings : '0);
    if (give && ending) until_end <= until_end - leaves;
    if (take && s_last) until_end <= kept + brings;
    if (give) begin
      marker   <= 1'b0;
      out_beat <= m_last || out_row_end ? '0 : out_beat + 1'b1;
    end
    if (take) in_beat <= s_last || in_row_end ? '0 : in_beat + 1'b1;
    if (take && s_mark) begin
      count     <= '0;
      until_end <= '0;
      out_beat  <= '0;
      marker    <= 1'b1;
    end
    if (rst) begin
      count     <= '0;
      until_end <= '0;
      in_beat   <= '0;
      out_beat  <= '0;
      marker    <= 1'b0;
    end
  end

endmodule
