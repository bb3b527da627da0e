// Constants that are read a word a cycle: a ROM, or where LOADABLE two banks of RAM, one of which is read.
//
// WORD 1.. bits, DEPTH 1.. words; IMAGE: file of a ROM ($readmemh, a word a line). A RAM begins with nothing; it is
// written 64 bits (`load_column`, the last column may be narrower) at a time. ULTRA: in URAM. Latency 1.
module algean_constant_memory #(
  parameter int unsigned WORD = 8,
  parameter int unsigned DEPTH = 4,
  parameter int unsigned LOADABLE = 0,
  parameter int unsigned ULTRA = 0,
  parameter IMAGE = "",
  localparam int unsigned AB = (DEPTH > 1) ? $clog2(DEPTH) : 1,
  localparam int unsigned COLUMNS = (WORD + 63) / 64,
  localparam int unsigned KB = (COLUMNS > 1) ? $clog2(COLUMNS) : 1
) (
  input logic clk,
  input logic bank,
  input logic [AB-1:0] address,
  output logic [WORD-1:0] word,
  input logic load,
  input logic load_bank,
  input logic [AB-1:0] load_address,
  input logic [KB-1:0] load_column,
  input logic [63:0] load_data
);
  if (WORD < 1 || DEPTH < 1) $error("algean_constant_memory: WORD and DEPTH must be at least 1");

  if (LOADABLE == 0) begin : gen_rom
    logic [WORD-1:0] rom[DEPTH];
    initial $readmemh(IMAGE, rom);
    always_ff @(posedge clk) word <= rom[address];
    logic unused_load;
    assign unused_load = &{1'b0, bank, load, load_bank, load_address, load_column, load_data};
  end else begin : gen_ram
    localparam int unsigned BB = $clog2(2 * DEPTH);
    logic [BB-1:0] read_at, load_at;
    assign read_at = BB'(address) + (bank ? BB'(DEPTH) : '0);
    assign load_at = BB'(load_address) + (load_bank ? BB'(DEPTH) : '0);
    logic unused_load;
    assign unused_load = &{1'b0, load_data};
    for (genvar c = 0; c < COLUMNS; c++) begin : gen_column
      localparam int unsigned W = (c == COLUMNS - 1) ? WORD - 64 * c : 64;
      logic write;
      assign write = load && load_column == KB'(c);
      if (ULTRA != 0) begin : gen_ultra
        (* ram_style = "ultra" *) logic [W-1:0] memory[2*DEPTH];
        always_ff @(posedge clk) begin
          if (write) memory[load_at] <= load_data[W-1:0];
          word[64*c+:W] <= memory[read_at];
        end
      end else begin : gen_block
        logic [W-1:0] memory[2*DEPTH];
        always_ff @(posedge clk) begin
          if (write) memory[load_at] <= load_data[W-1:0];
          word[64*c+:W] <= memory[read_at];
        end
      end
    end
  end
endmodule
