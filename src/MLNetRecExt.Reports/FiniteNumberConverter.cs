using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetRecExt.Reports;

/// <summary>Numbers of charts: six digits, and null, which leaves a gap, for those that are none.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
            writer.WriteRawValue(value.ToString("G6", CultureInfo.InvariantCulture));
        else
            writer.WriteNullValue();
    }
}
