using System.Net;
using System.Net.Sockets;

namespace MLNetRecExt.Shop.Tests;

/// <summary>A line to a server that can be cut and mended: to whoever is at this end, the server is gone and comes back.</summary>
internal sealed class TcpLine : IDisposable
{
    private readonly (string Host, int Port) _server;
    private readonly List<TcpClient> _open = [];
    private TcpListener? _listener;

    public TcpLine(string host, int port)
    {
        _server = (host, port);
        Mend();
    }

    public int Port { get; private set; }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    public void Cut()
    {
        _listener?.Dispose();
        lock (_open)
        {
            foreach (var end in _open)
                end.Dispose();
            _open.Clear();
        }
    }

    public void Dispose() => Cut();

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var (here, there) = (await listener.AcceptTcpClientAsync(), new TcpClient());
                await there.ConnectAsync(_server.Host, _server.Port);
                lock (_open)
                    _open.AddRange([here, there]);
                _ = PumpAsync(here, there);
                _ = PumpAsync(there, here);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Cut.
        }
        from.Dispose();
        to.Dispose();
    }
}
