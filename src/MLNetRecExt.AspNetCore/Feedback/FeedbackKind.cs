using System.Text.Json.Serialization;

namespace MLNetRecExt.AspNetCore;

/// <summary>What a user did with an item.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FeedbackKind>))]
public enum FeedbackKind
{
    /// <summary>It was shown to them.</summary>
    Seen,

    /// <summary>They looked at it.</summary>
    Clicked,

    /// <summary>They bought it.</summary>
    Bought,
}
