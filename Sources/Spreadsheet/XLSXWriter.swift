import Base
import CXlsx

/// Writes an .xlsx file of one sheet with typed cells, row by row: whatever its length, only one row is
/// in memory. Not Sendable: used by one thread.
///
/// Text is text: the library writes it as inline strings, never as a formula.
public final class XLSXWriter {
    public enum Cell: Sendable, Equatable {
        case empty
        case text(String)
        case number(Double)
        /// Shown as a date and time in UTC.
        case time(Instant)
        case truth(Bool)
    }

    /// Rows of a sheet (ECMA-376; the limit of the common spreadsheets).
    public static let mostRows = 1_048_576
    /// Characters of a cell, in UTF-16 units.
    static let mostText = 32_767

    private let book: UnsafeMutablePointer<lxw_workbook>
    private let sheet: UnsafeMutablePointer<lxw_worksheet>
    private let bold: UnsafeMutablePointer<lxw_format>
    private let date: UnsafeMutablePointer<lxw_format>
    private let wrap: UnsafeMutablePointer<lxw_format>
    private let path: String
    private var row: UInt32 = 0
    private var isOpen = true

    /// - Parameter columns: heading and width in characters of each column.
    /// - Throws: `file.unwritable`
    public init(path: String, sheet name: String, columns: [(name: String, width: Double)]) throws {
        let failed = Failure(.internal, "file.unwritable", ["file": path])
        var options = lxw_workbook_options()
        options.constant_memory = 1
        guard let book = workbook_new_opt(path, &options) else { throw failed }
        guard let sheet = workbook_add_worksheet(book, name), let bold = workbook_add_format(book),
            let date = workbook_add_format(book), let wrap = workbook_add_format(book)
        else {
            _ = workbook_close(book)
            throw failed
        }
        self.book = book
        self.sheet = sheet
        self.bold = bold
        self.date = date
        self.wrap = wrap
        self.path = path
        format_set_bold(bold)
        format_set_num_format(date, "yyyy-mm-dd hh:mm:ss")
        format_set_align(wrap, UInt8(LXW_ALIGN_VERTICAL_TOP.rawValue))
        for (i, column) in columns.enumerated() {
            _ = worksheet_set_column(sheet, UInt16(i), UInt16(i), column.width, nil)
        }
        for (i, column) in columns.enumerated() {
            _ = worksheet_write_string(sheet, 0, UInt16(i), column.name, bold)
        }
        worksheet_freeze_panes(sheet, 1, 0)
        if let last = columns.indices.last {
            _ = worksheet_autofilter(sheet, 0, 0, UInt32(XLSXWriter.mostRows - 1), UInt16(last))
        }
        row = 1
    }

    /// - Throws: `xlsx.too_long` beyond the rows that a sheet may have, `file.unwritable`
    public func write(_ cells: [Cell]) throws {
        guard row < XLSXWriter.mostRows else {
            throw Failure(.tooLarge, "xlsx.too_long", ["max": String(XLSXWriter.mostRows)])
        }
        for (i, cell) in cells.enumerated() {
            let column = UInt16(i)
            let result: lxw_error
            switch cell {
            case .empty: continue
            case .text(let s): result = worksheet_write_string(sheet, row, column, XLSXWriter.cut(s), wrap)
            case .number(let n): result = worksheet_write_number(sheet, row, column, n, nil)
            case .time(let t): result = worksheet_write_number(sheet, row, column, XLSXWriter.serial(t), date)
            case .truth(let b): result = worksheet_write_boolean(sheet, row, column, b ? 1 : 0, nil)
            }
            guard result == LXW_NO_ERROR else {
                throw Failure(.internal, "file.unwritable", ["file": path])
            }
        }
        row += 1
    }

    /// Puts the file together.
    public func finish() throws {
        guard isOpen else { return }
        isOpen = false
        guard workbook_close(book) == LXW_NO_ERROR else {
            throw Failure(.internal, "file.unwritable", ["file": path])
        }
    }

    deinit { if isOpen { _ = workbook_close(book) } }

    /// Days since 1899-12-30, the spreadsheets' zero.
    static func serial(_ t: Instant) -> Double { Double(t.ms) / 86_400_000 + 25_569 }

    /// Text that fits a cell: no NUL, which would end it, and not too long.
    static func cut(_ s: String) -> String {
        let text = s.utf8.contains(0) ? s.replacing("\0", with: "") : s
        guard text.utf16.count > mostText else { return text }
        var out = ""
        var units = 0
        for c in text.unicodeScalars {
            units += c.value > 0xFFFF ? 2 : 1
            if units > mostText { break }
            out.unicodeScalars.append(c)
        }
        return out
    }
}
