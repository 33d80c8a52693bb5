using System.Globalization;

namespace MLNetRecExt.AspNetCore;

/// <summary>The text of an id, which is the same on every machine.</summary>
internal static class IdText
{
    public static string Of<TId>(TId id) where TId : notnull => Convert.ToString(id, CultureInfo.InvariantCulture) ?? "";
}
