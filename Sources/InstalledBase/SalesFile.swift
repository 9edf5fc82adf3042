import Base
import Web

/// What a column of sales and delivery records may hold; the raw text is the column's plain name.
public enum SalesField: String, Sendable, CaseIterable {
    case customer
    case customerEn = "customer_en"
    case customerCode = "customer_code"
    case country
    case projectCode = "project_code"
    case project, site
    case timeZone = "time_zone"
    case product, serial, batch
    case deliveredOn = "delivered_on"
    /// Accepted and put into service.
    case inServiceOn = "in_service_on"
    case warrantyFrom = "warranty_from"
    case warrantyUntil = "warranty_until"
    case warrantyMonths = "warranty_months"
    case warrantyHours = "warranty_hours"
    case softwareVersion = "software_version"
    case note
}

/// How the columns of somebody's records are named and written:
/// `{"columns": {FIELD: COLUMN}, "date_format": "YYYY-MM-DD", "missing": "-", "time_zone": "Asia/Shanghai"}`.
/// Without one the columns bear the fields' own names.
public struct SalesMap: Sendable {
    enum DateFormat: String, Sendable, CaseIterable {
        case yearMonthDay = "YYYY-MM-DD"
        case dayMonthYear = "D/M/YYYY"
        case monthDayYear = "M/D/YYYY"
    }

    var columns: [SalesField: String]
    var dateFormat: DateFormat
    var missing: String
    /// For new sites that name none.
    var zone: String?

    public init() {
        columns = Dictionary(uniqueKeysWithValues: SalesField.allCases.map { ($0, $0.rawValue) })
        dateFormat = .yearMonthDay
        missing = ""
    }

    /// - Throws: `import.map` with the `field` that is wrong
    public init(json: JSON) throws {
        self.init()
        guard json.members != nil else { throw SalesMap.wrong("map") }
        for member in json.members ?? [] {
            switch member.name {
            case "columns":
                guard let pairs = member.value.members else { throw SalesMap.wrong("columns") }
                for pair in pairs {
                    guard let field = SalesField(rawValue: pair.name), let column = pair.value.string else {
                        throw SalesMap.wrong("columns.\(pair.name)")
                    }
                    columns[field] = column
                }
            case "date_format":
                guard let format = member.value.string.flatMap(DateFormat.init(rawValue:)) else {
                    throw SalesMap.wrong("date_format")
                }
                dateFormat = format
            case "missing":
                guard let mark = member.value.string else { throw SalesMap.wrong("missing") }
                missing = mark
            case "time_zone":
                guard let zone = member.value.string, Zone(zone) != nil else {
                    throw SalesMap.wrong("time_zone")
                }
                self.zone = zone
            default: throw SalesMap.wrong(member.name)
            }
        }
    }

    private static func wrong(_ field: String) -> Failure {
        Failure(.invalid, "import.map", ["field": field])
    }

    /// A date in the map's order, its parts set off by `-`, `/`, `.` or the Chinese words for them.
    func day(_ text: String) -> Int? {
        let parts = CleanText.foldIdentifier(text).split { "-/.年月日 ".contains($0) }
        guard parts.count == 3, parts.allSatisfy({ $0.utf8.count <= 4 }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        let (year, month, day) =
            switch dateFormat {
            case .yearMonthDay: (numbers[0], numbers[1], numbers[2])
            case .dayMonthYear: (numbers[2], numbers[1], numbers[0])
            case .monthDayYear: (numbers[2], numbers[0], numbers[1])
            }
        guard (1900...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysInMonth(year: year, month: month)
        else { return nil }
        return CivilDate.dayNumber(year: year, month: month, day: day)
    }
}

/// Sales records as they were read: a heading and rows of cells. Comma separated, or separated by tabs
/// as a spreadsheet puts them on the clipboard.
public struct SalesFile: Sendable {
    struct Line: Sendable {
        var number: Int
        var cells: [SalesField: String]
    }

    /// So many rows of one import at most: all of it is one transaction.
    static let most = 20_000

    var lines: [Line]

    /// - Throws: `csv.*`, `import.empty`, `import.column_missing`, `import.column_twice`, `sales.too_many`
    public init(_ bytes: [UInt8], _ map: SalesMap) throws {
        let first = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        let isTabbed = first.contains(0x09)
        let rows = try CSV.Reader.rows(
            of: bytes, delimiter: isTabbed ? 0x09 : 0x2C, equalColumns: !isTabbed)
        guard let heading = rows.first, rows.count > 1 else {
            throw Failure(.invalid, "import.empty", ["line": "1", "column": "1"])
        }
        guard rows.count <= SalesFile.most + 1 else {
            throw Failure(.invalid, "sales.too_many", ["max": String(SalesFile.most)])
        }
        var places: [SalesField: Int] = [:]
        let names = heading.fields.map(\.trimmed)
        for (field, name) in map.columns {
            let found = names.indices.filter { names[$0] == name }
            if found.count > 1 {
                throw Failure(
                    .invalid, "import.column_twice", ["name": name, "line": "1", "column": "1"])
            }
            places[field] = found.first
        }
        for field in [SalesField.customer, .product] where places[field] == nil {
            throw Failure(
                .invalid, "import.column_missing",
                ["name": map.columns[field] ?? field.rawValue, "line": "1", "column": "1"])
        }
        lines = rows.dropFirst().compactMap { row in
            var cells: [SalesField: String] = [:]
            for (field, at) in places where row.fields.indices.contains(at) {
                let cell = row.fields[at].trimmed
                if !cell.isEmpty, cell != map.missing { cells[field] = cell }
            }
            return cells.isEmpty ? nil : Line(number: row.line, cells: cells)
        }
        if lines.isEmpty { throw Failure(.invalid, "import.empty", ["line": "2", "column": "1"]) }
    }
}
