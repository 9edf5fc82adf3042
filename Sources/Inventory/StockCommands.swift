import Base
import Web

/// The bounds of what comes in: a quantity of one line, and the cost of one unit in minor units.
enum StockBounds {
    static let quantity: ClosedRange<Int64> = 1...1_000_000_000
    static let unitCost: ClosedRange<Int64> = 0...1_000_000_000_000
    static let lines = 1...200
    /// Of one document of kits, whose lines each move all their components.
    static let movements = 2000
    /// Of all movements of a document together, in minor units: sums over many of them stay exact.
    static let documentValue: Int64 = 1_000_000_000_000_000
}

/// The content of a document, alike for every kind; what a kind needs is checked by the use case.
public struct DocumentInput: Command {
    public var place: PlaceID
    public var toPlace: PlaceID?
    public var ticket: String?
    public var reason: String?
    public var source: StockDocument.Source?
    public var partner: OrganizationID?
    public var dueOn: Int?
    public var postedOn: Int?
    public var shipping = StockDocument.Shipping()
    public var lines: [LineInput]
    /// Made and submitted in one go.
    public var submit: Bool

    public init(_ read: inout FieldReader) {
        place = read.id("place_id")
        toPlace = read.optionalID("to_place_id")
        ticket = read.optionalText("ticket_id", max: 64)
        reason = read.optionalText("reason", max: 500)
        source = read.optionalChoice("source")
        partner = read.optionalID("partner_id")
        dueOn = read.optionalDay("due_on")
        postedOn = read.optionalDay("posted_on")
        shipping.carrier = read.optionalText("carrier", max: 100)
        shipping.waybill = read.optionalText("waybill", max: 100)
        shipping.customsReference = read.optionalText("customs_reference", max: 100)
        shipping.packages = read.optionalText("packages", max: 500, lines: true)
        shipping.packageCount = read.optionalInt("package_count", 1...100_000)
        shipping.grossWeight = read.optionalInt("gross_weight_g", Weight.grams)
        shipping.shippedOn = read.optionalDay("shipped_on")
        shipping.arrivesOn = read.optionalDay("arrives_on")
        lines = read.list("lines", count: StockBounds.lines)
        submit = read.bool("submit")
    }

    public init(
        place: PlaceID, toPlace: PlaceID? = nil, ticket: String? = nil, reason: String? = nil,
        lines: [LineInput], submit: Bool = false
    ) {
        self.place = place
        self.toPlace = toPlace
        self.ticket = ticket
        self.reason = reason
        self.lines = lines
        self.submit = submit
    }
}

public struct LineInput: Command {
    public var part: PartID
    public var quantity: Int64
    public var serial: String?
    public var batch: String?
    public var expiresOn: Int?
    public var unitCostMinor: Int64?
    public var status: StockStatus?
    public var toStatus: StockStatus?
    public var owner: OrganizationID?
    public var direction: StockLine.Direction?
    public var condition: String?
    public var disposition: StockLine.Disposition?
    public var dueOn: Int?
    public var replacementSerial: String?
    public var package: String?
    public var grossWeight: Int64?

    public init(_ read: inout FieldReader) {
        part = read.id("part_id")
        quantity = read.int("quantity", StockBounds.quantity)
        serial = read.identifier("serial")
        batch = read.identifier("batch")
        expiresOn = read.optionalDay("expires_on")
        unitCostMinor = read.optionalInt("unit_cost_minor", StockBounds.unitCost)
        status = read.optionalChoice("status")
        toStatus = read.optionalChoice("to_status")
        owner = read.optionalID("owner_id")
        direction = read.optionalChoice("direction")
        condition = read.optionalText("condition", max: 500)
        disposition = read.optionalChoice("disposition")
        dueOn = read.optionalDay("due_on")
        replacementSerial = read.identifier("replacement_serial")
        package = read.optionalText("package", max: 50)
        grossWeight = read.optionalInt("gross_weight_g", Weight.grams)
    }

    public init(part: PartID, quantity: Int64, serial: String? = nil, batch: String? = nil) {
        self.part = part
        self.quantity = quantity
        self.serial = serial
        self.batch = batch
    }
}

struct ReasonInput: Command {
    var reason: String
    init(_ read: inout FieldReader) { reason = read.text("reason", max: 500) }
}

/// What arrived of what was sent; everything where no line is named.
public struct ArrivalInput: Command {
    public struct Line: Command {
        public var line: Int
        public var received: Int64
        public var writtenOff: Int64
        init(line: Int, received: Int64, writtenOff: Int64 = 0) {
            self.line = line
            self.received = received
            self.writtenOff = writtenOff
        }
        public init(_ read: inout FieldReader) {
            line = Int(read.int("line", 1...200))
            received = read.optionalInt("received", 0...StockBounds.quantity.upperBound) ?? 0
            writtenOff = read.optionalInt("written_off", 0...StockBounds.quantity.upperBound) ?? 0
        }
    }
    public var lines: [Line] = []
    public var reason: String?
    public init() {}
    public init(_ read: inout FieldReader) {
        lines = read.list("lines", count: StockBounds.lines, required: false)
        reason = read.optionalText("reason", max: 500)
    }
}

/// What came back of what was lent; everything where no line is named.
public struct LoanReturnInput: Command {
    public struct Line: Command {
        public var line: Int
        public var quantity: Int64
        public var status: StockStatus?
        init(line: Int, quantity: Int64, status: StockStatus? = nil) {
            self.line = line
            self.quantity = quantity
            self.status = status
        }
        public init(_ read: inout FieldReader) {
            line = Int(read.int("line", 1...200))
            quantity = read.int("quantity", StockBounds.quantity)
            status = read.optionalChoice("status")
        }
    }
    public var lines: [Line] = []
    public init() {}
    public init(_ read: inout FieldReader) {
        lines = read.list("lines", count: StockBounds.lines, required: false)
    }
}
