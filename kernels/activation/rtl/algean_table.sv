// Any function of one code: a table of 256 entries for each lane. Several tables, where the function depends on an
// element's place in its row or tensor.
//
// Parameters: LANES elements a beat, ELEMENTS of a row (each 1 or more), IMAGE 256 * TABLES entries of OUT_BITS bits,
// in the order of the codes as unsigned bytes; TABLES 1 or more. With more than one, INDEX has PERIOD words of LANES
// indices of ceil(log2 TABLES) bits each, which repeat: the beats of a row, or of a tensor.
// One beat a cycle; latency 1 cycle.
module algean_table #(
  parameter int unsigned LANES    = 1,
  parameter int unsigned ELEMENTS = 1,
  parameter int unsigned OUT_BITS = 8,
  parameter int unsigned TABLES   = 1,
  parameter              IMAGE    = "",
  parameter int unsigned PERIOD   = 1,
  parameter              INDEX    = ""
) (
  input  logic                      clk,
  input  logic                      rst,
  input  logic [8*LANES-1:0]        s_data,
  input  logic                      s_last,
  input  logic                      s_mark,
  input  logic                      s_valid,
  output logic                      s_ready,
  output logic [OUT_BITS*LANES-1:0] m_data,
  output logic                      m_last,
  output logic                      m_mark,
  output logic                      m_valid,
  input  logic                      m_ready
);

  if (LANES < 1 || ELEMENTS < 1 || OUT_BITS < 1 || TABLES < 1) $error("algean_table: parameters must be at least 1");

  localparam int unsigned IndexBits = TABLES > 1 ? $clog2(TABLES) : 1;

  logic                       enable;
  logic [IndexBits*LANES-1:0] index;
  logic [OUT_BITS*LANES-1:0]  entries;

  algean_pipe #(
    .STAGES(1)
  ) u_pipe (
    .clk, .rst, .s_last, .s_mark, .s_valid, .s_ready, .m_last, .m_mark, .m_valid, .m_ready, .enable
  );

  if (TABLES > 1) begin : gen_index
    logic unused_end;
    algean_replay #(
      .BITS  (IndexBits * LANES),
      .PERIOD(PERIOD),
      .IMAGE (INDEX)
    ) u_index (
      .clk, .rst,
      .step   (s_valid && s_ready),
      .restart(s_last),
      .at_end (unused_end),
      .word   (index)
    );
  end else begin : gen_one
    assign index = '0;
    logic unused;
    assign unused = &{1'b0, index};
  end

  for (genvar i = 0; i < LANES; i++) begin : gen_lane
    logic [OUT_BITS-1:0] image [256*TABLES];
    logic [OUT_BITS-1:0] entry_q;
    initial if (IMAGE != "") $readmemh(IMAGE, image);
    if (TABLES > 1) begin : gen_tables
      localparam int unsigned AddressBits = 8 + IndexBits;
      logic [AddressBits-1:0] address;
      assign address = {index[IndexBits*i+:IndexBits], s_data[8*i+:8]};
      always_ff @(posedge clk) if (enable) entry_q <= image[address];
    end else begin : gen_table
      always_ff @(posedge clk) if (enable) entry_q <= image[s_data[8*i+:8]];
    end
    assign entries[OUT_BITS*i+:OUT_BITS] = entry_q;
  end

  algean_mask #(
    .BITS    (OUT_BITS),
    .LANES   (LANES),
    .ELEMENTS(ELEMENTS)
  ) u_mask (
    .clk, .rst,
    .step  (m_valid && m_ready),
    .mark  (m_mark),
    .data  (entries),
    .masked(m_data)
  );

endmodule
