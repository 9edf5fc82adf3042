import Base
import Store
import Web

/// The sheet of a stock check on A4: with the books where they may be seen, else with room to write.
enum StockCheckPaper {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let check = try Inventory.check(of: call, tx)
        let shows = Inventory.showsBooks(check)
        let lines = try tx.checkLines(check.id, "1 = 1", limit: 1000)
        var names = StockNames(call)
        try names.read(parts: lines.map(\.key.part), tx)
        try names.read(places: lines.map(\.key.place) + [check.place], tx)
        func t(_ key: String) -> String { call.t("stock.paper.\(key)") }
        var columns = ["no", "place", "part_number", "name", "batch_serial", "unit"]
        if shows { columns.append("book") }
        columns += ["counted", "remark"]
        let rows = lines.html { l in
            "<tr>\(columns.html { column in "<td class=\"c-\(column)\">\(cell(column, l, names, call))</td>" })</tr>"
        }
        let house = try call.chrome.houseName(call.language, tx)
        return try Layout.page(
            call, tx, title: t("check") + " " + check.number, frame: .sheet,
            """
            <header class="sheet-bar"><a class="btn" href="/stock/checks/\(check.number)">\(call.t("stock.back"))</a>\
            <button class="btn btn-primary" type="button" data-print hidden>\(Icon.print)\(call.t("stock.print"))</button></header>\
            <main id="main" class="sheet stock-sheet"><div class="sheet-head"><small>\(call.t("stock.f.number"))\(call.colon)<strong>\(check.number)</strong><br>\(call.t("stock.check.kind.\(check.kind.rawValue)"))</small>\
            <h1>\(t("check"))</h1>\(QRCode.svg(check.number, label: check.number))</div>\
            <p>\(call.t("stock.f.place"))\(call.colon)\(names.place(check.place))</p>\
            <table class="form2 stock-lines"><caption class="vh">\(call.t("stock.check.sheet"))</caption><thead><tr>\(columns.html { "<th scope=\"col\" class=\"c-\($0)\">\(t("c." + $0))</th>" })</tr></thead><tbody>\(rows)</tbody></table>\
            <div class="stock-signs">\(["counter", "second", "keeper", "checker"].html { "<div class=\"sign\"><span>\(t("sign." + $0))\(call.colon)</span></div>" })</div>\
            <div class="sheet-foot"><span>\(house)</span><span>\(t("printed"))\(call.colon)\(Times(call).fullText(call.now))</span></div></main>
            """)
    }

    private static func cell(_ column: String, _ l: StockCheckLine, _ names: StockNames, _ call: Call) -> HTML
    {
        let part = names.parts[l.key.part]
        switch column {
        case "no": return "\(l.number)"
        case "place": return "\(names.place(l.key.place))"
        case "part_number": return "<span class=\"sn\">\(part?.number)</span>"
        case "name": return "\(names.part(l.key.part))"
        case "batch_serial":
            return "<span class=\"sn\">\(l.key.serial.isEmpty ? l.key.batch : l.key.serial)</span>"
        case "unit": return "\(part.map { StockWords.unit($0, call) })"
        case "book": return "\(StockWords.quantity(l.book ?? l.expected))"
        case "counted": return "\(l.counted.map(StockWords.quantity))"
        case "remark":
            return
                "\(l.key.status == .usable ? "" : call.t("stock.status.\(l.key.status.rawValue)")) \(l.note)"
        default: return ""
        }
    }
}
