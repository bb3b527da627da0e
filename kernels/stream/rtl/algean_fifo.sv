// A queue of beats. Up to 2 beats it is a register (algean_register), up to 64 LUTRAM, beyond that BRAM.
//
// Parameters: BITS 1.., LANES 1.. (of a beat); DEPTH 2.. (beats that it holds at least: one more behind a memory)
// Cycles:     a beat a cycle; latency 1 (DEPTH = 2) or 2
// A marker waits its turn as every beat does.
module algean_fifo #(
    parameter int unsigned BITS  = 8,
    parameter int unsigned LANES = 1,
    parameter int unsigned DEPTH = 16
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

  if (BITS < 1 || LANES < 1) $error("algean_fifo: BITS and LANES are at least 1");
  if (DEPTH < 2) $error("algean_fifo: DEPTH is at least 2");

  localparam int unsigned WORD = BITS * LANES + 2;

  if (DEPTH <= 2) begin : gen_register
    algean_register #(
        .BITS (BITS),
        .LANES(LANES)
    ) i_register (
        .*
    );
  end else begin : gen_memory
    localparam int unsigned PLACE_BITS = $clog2(DEPTH);
    localparam int unsigned COUNT_BITS = $clog2(DEPTH + 1);

    logic [PLACE_BITS-1:0] write_place, read_place;
    logic [COUNT_BITS-1:0] count;  // words in the memory; one more stands in `front`
    logic [WORD-1:0] front;
    logic write, read;

    assign s_ready = count != COUNT_BITS'(DEPTH);
    assign write   = s_valid && s_ready;
    assign read    = count != '0 && (m_ready || !m_valid);
    assign {m_mark, m_last, m_data} = front;

    if (DEPTH <= 64) begin : gen_lutram
      (* ram_style = "distributed" *) logic [WORD-1:0] memory[DEPTH];
      always_ff @(posedge clk) begin
        if (write) memory[write_place] <= {s_mark, s_last, s_data};
        if (read) front <= memory[read_place];
      end
    end else begin : gen_bram
      (* ram_style = "block" *) logic [WORD-1:0] memory[DEPTH];
      always_ff @(posedge clk) begin
        if (write) memory[write_place] <= {s_mark, s_last, s_data};
        if (read) front <= memory[read_place];
      end
    end

    always_ff @(posedge clk) begin
      if (write) write_place <= write_place == PLACE_BITS'(DEPTH - 1) ? '0 : write_place + 1'b1;
      if (read) read_place <= read_place == PLACE_BITS'(DEPTH - 1) ? '0 : read_place + 1'b1;
      if (write && !read) count <= count + 1'b1;
      if (read && !write) count <= count - 1'b1;
      if (read) m_valid <= 1'b1;
      else if (m_ready) m_valid <= 1'b0;
      if (rst) begin
        write_place <= '0;
        read_place  <= '0;
        count       <= '0;
        m_valid     <= 1'b0;
      end
    end
  end

endmodule
