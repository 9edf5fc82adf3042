import Base
import Store
import Web

/// Sales and delivery records: `POST /api/v1/product-units/import`, and a page to paste them.
struct SalesRecords: Command {
    var records: String
    var map: JSON?
    var isTrial: Bool

    init(_ read: inout FieldReader) {
        // Bounded by the route; a cell's own bounds are checked where it is read.
        records = read.secret("records", max: 1 << 20)
        map =
            read.isForm
            ? nil : read.object("map", schema: .make(["type": ["object", "null"]]), required: false)
        isTrial = read.bool("dry_run")
    }
}

extension SalesImport {
    static func json(_ report: Report, _ strings: Strings) -> JSON {
        .make([
            "dry_run": .bool(report.isTrial), "is_clean": .bool(report.isClean),
            "rows": .of(report.rows.count), "made": .of(report.count(.made)),
            "changed": .of(report.count(.changed)), "unchanged": .of(report.count(.unchanged)),
            "refused": .of(report.count(.refused)), "customers": .of(report.customers),
            "projects": .of(report.projects), "sites": .of(report.sites),
            "items": .array(
                report.rows.map { row in
                    .make([
                        "line": .of(row.line), "serial": .string(row.serial),
                        "outcome": .string(row.outcome.rawValue),
                        "makes": .array(row.makes.map { .string($0) }),
                        "changes": .array(row.changes.map { .string($0) }),
                        "errors": .array(
                            row.faults.map {
                                .make([
                                    "field": .string($0.field), "code": .string($0.code),
                                    "detail": .string(strings("error." + $0.code, $0.arguments)),
                                ])
                            }),
                    ])
                }),
        ])
    }

    /// For the command line.
    public static func json(_ report: Report, in language: Language) -> JSON {
        json(report, Strings.of(language))
    }

    private static let place = "/product-units/import"

    private static func requireKeeper(_ tx: Transaction) throws {
        try InstalledAccess.requireReader(tx)
        try InstalledAccess.requireKeeper(tx)
    }

    static func routes(_ routes: inout Routes) {
        routes.change(
            "POST", place,
            .init(
                "Take over sales and delivery records, all or nothing", tag: "installed base",
                body: SalesRecords.self)
        ) { call, tx in
            try requireKeeper(tx)
            let report = try taken(call.input(SalesRecords.self), tx)
            return Reply.json(json(report, call.strings))
        }
        routes.get(
            "/product-units/conversion",
            .init(
                "From delivery to service: rate and days", tag: "installed base",
                query: ConversionQuery.self, answer: .one(SalesConversion.shape))
        ) { call, tx in
            try InstalledAccess.requireReader(tx)
            let query = try call.filter(ConversionQuery.self)
            return Reply.json(try conversion(query, tx), SalesConversion.shape)
        }
        let show: @Sendable (Call, Transaction) throws -> Reply = { try page($0, nil, $1) }
        routes.page(place, show)
        routes.form(place, again: show) { call, tx in
            try requireKeeper(tx)
            let records = try call.input(SalesRecords.self)
            let report = try taken(records, tx)
            return try page(call, report, tx)
        }
    }

    private static func taken(_ records: SalesRecords, _ tx: Transaction) throws -> Report {
        let map = try records.map.map { try SalesMap(json: $0) } ?? SalesMap()
        let file = try SalesFile(Array(records.records.utf8), map)
        return try run(file, map, isTrial: records.isTrial, tx)
    }

    private static func conversion(_ query: ConversionQuery, _ tx: Transaction) throws -> SalesConversion {
        let today = try InstalledBase.today(tx)
        return try InstalledBase.conversion(
            from: query.from ?? (query.until ?? today) - 365, until: query.until ?? today, tx)
    }

    // MARK: Page

    private static func page(_ call: Call, _ report: Report?, _ tx: Transaction) throws -> Reply {
        try requireKeeper(tx)
        let form = Form(call)
        let title = call.t("sales.title")
        let result = try conversion(ConversionQuery.empty, tx)
        let fields = SalesField.allCases.map { field in
            "<tr><td class=\"card-title\"><span class=\"sn\">\(field.rawValue)</span></td><td>\(call.t("sales.f." + field.rawValue))</td></tr>"
                as HTML
        }
        let input: HTML = """
            \(form.open(place, class: "stack"))\(form.area("records", call.t("sales.records"), hint: call.t("sales.records.hint"), rows: 12, required: true, placeholder: "customer\tproject_code\tsite\ttime_zone\tproduct\tserial\tdelivered_on\twarranty_months"))\
            <div class="row"><button class="btn btn-primary" type="submit" name="dry_run" value="1">\(call.t("sales.check"))</button>\
            \(HTML.when(report.map { $0.isTrial && $0.isClean } ?? false, "<button class=\"btn\" type=\"submit\" name=\"dry_run\" value=\"0\">\(Icon.check)\(call.t("sales.take"))</button>"))</div></form>
            """
        let numbers: [(String, HTML)] = [
            (call.t("sales.delivered"), "<span class=\"num\">\(result.delivered)</span>"),
            (call.t("sales.in_service"), "<span class=\"num\">\(result.inService)</span>"),
            (call.t("sales.rate"), "<span class=\"num\">\(percent(result.rate))</span>"),
            (
                call.t("sales.buyers"),
                "<span class=\"num\">\(call.t("sales.of", ["n": String(result.served), "all": String(result.buyers)]))</span>"
            ),
            (call.t("sales.days"), "<span class=\"num\">\(days(result, call))</span>"),
        ]
        return try Layout.page(
            call, tx, title: title, current: "/product-units",
            """
            \(Parts.head(title, lead: call.t("sales.lead"), crumbs: [("/product-units", call.t("units.title"))]))\(form.summary)\
            \(report.map { self.report($0, call) })<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("sales.records"), input))\
            \(Parts.panel(call.t("sales.columns"), "<p class=\"hint\">\(call.t("sales.columns.hint"))</p>" + Parts.table(call.t("sales.columns"), [call.t("sales.column"), call.t("sales.meaning")], fields.html { $0 })))</div>\
            <aside class="stack-l">\(Parts.panel(call.t("sales.conversion"), "<p class=\"hint\">\(call.t("sales.conversion.hint"))</p>" + Parts.facts(numbers)))</aside></div>
            """)
    }

    private static func percent(_ rate: Double?) -> String {
        rate.map { "\(Int(($0 * 100).rounded())) %" } ?? "–"
    }

    private static func days(_ c: SalesConversion, _ call: Call) -> String {
        guard let median = c.medianDays, let mean = c.meanDays else { return "–" }
        return call.t(
            "sales.days.value",
            ["median": String(Int(median.rounded())), "mean": String(Int(mean.rounded()))])
    }

    private static func report(_ report: Report, _ call: Call) -> HTML {
        let counts = RowReport.Outcome.allCases.filter { report.count($0) > 0 }
            .map { call.t("sales.outcome.\($0.rawValue)") + " " + String(report.count($0)) }
        let head = call.t(
            report.isTrial ? (report.isClean ? "sales.checked" : "sales.checked.refused") : "sales.taken")
        let columns = ["line", "serial", "outcome", "detail"].map { call.t("sales.column." + $0) }
        let rows = report.rows.prefix(500).html { row in
            let makes = row.makes.map { call.t("sales.makes." + $0) }
            let changes = row.changes.map { InstalledParts.f($0, call) }
            let faults = row.faults.map {
                call.t("sales.f." + $0.field) + ": " + call.strings("error." + $0.code, $0.arguments)
            }
            let tag =
                switch row.outcome {
                case .refused: "tag-bad"
                case .made: "tag-ok"
                case .changed: "tag-accent"
                case .unchanged: ""
                }
            return """
                <tr><td class="card-title num">\(row.line)</td><td data-label="\(columns[1])"><span class="sn">\(row.serial)</span></td>\
                <td data-label="\(columns[2])"><span class="tag \(tag)">\(call.t("sales.outcome." + row.outcome.rawValue))</span></td>\
                <td data-label="\(columns[3])">\((makes + changes + faults).joined(separator: " · "))</td></tr>
                """
        }
        return """
            <section class="banner \(report.isClean ? "banner-ok" : "banner-warn")" role="status">\(report.isClean ? Icon.checkCircle : Icon.alert)\
            <div><h2 class="small-h">\(head)</h2><p class="small">\(counts.joined(separator: " · "))</p></div></section>\
            \(Parts.table(call.t("sales.records"), columns, rows))
            """
    }
}

extension ConversionQuery {
    static var empty: ConversionQuery {
        var read = FieldReader(query: [], zone: .utc)
        return ConversionQuery(&read)
    }
}
