using Microsoft.Extensions.Primitives;

namespace MLNetRecExt.AspNetCore.Tests;

/// <summary>A source of models in memory, which tells of changes or does not.</summary>
public sealed class ModelShelf : IModelSource
{
    private CancellationTokenSource _changed = new();
    private byte[]? _model;
    private int _published;

    public bool Tells { get; set; } = true;

    /// <summary>Thrown instead of an answer.</summary>
    public Exception? Failure { get; set; }

    public int Looks { get; private set; }

    public void Publish(byte[]? model)
    {
        _model = model;
        _published++;
        Interlocked.Exchange(ref _changed, new()).Cancel();
    }

    public ValueTask<PublishedModel?> FindAsync(CancellationToken cancellationToken)
    {
        Looks++;
        if (Failure is not null)
            throw Failure;
        return new(_model is { } model
            ? new PublishedModel($"{_published}", _ => new(new MemoryStream(model)), DateTimeOffset.UnixEpoch)
            : null);
    }

    public IChangeToken? Watch() => Tells ? new CancellationChangeToken(_changed.Token) : null;
}
