import Base
import Store
import Web

extension People {
    /// Every route of this area.
    /// - Parameter houseName: told at once when the house's name is changed here
    public static func routes(_ routes: inout Routes, houseName: HouseName = HouseName()) {
    }
}
